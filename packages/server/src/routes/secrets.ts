import type { SecretVault } from '@causeway/connections';
import { api } from './implementer.ts';

export function secretRoutes(secrets: SecretVault) {
  return {
    keys: api.secrets.keys.handler(async () => ({ keys: [...(await secrets.keys())] })),
    rotate: api.secrets.rotate.handler(async ({ input }) => {
      const { keys, ...rotation } = await secrets.rotate(input.limit);
      return { ...rotation, keys: [...keys] };
    }),
  };
}
