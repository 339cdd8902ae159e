export { CausewayError } from '@causeway/contract';
export {
  type CallContext,
  type Client,
  type ClientOptions,
  createClient,
} from './create-client.ts';
