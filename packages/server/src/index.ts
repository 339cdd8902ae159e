/** HTTP and workers: the place where things are wired together. */
export {
  type AwsConfiguration,
  type Configuration,
  type Environment,
  parseConfiguration,
} from './configuration.ts';
export { describeVariables, type VariableDescription } from './configuration-variables.ts';
export { jsonLinesLog, type Log, type LogEntry, redact } from './log.ts';
export { openApiDocument } from './openapi.ts';
export { loadSigningKey, rotateSigningKey } from './signing-key.ts';
export { type Server, type ServerOptions, startServer } from './start-server.ts';
export { startWorker, type WorkerProcess } from './start-worker.ts';
export { version } from './version.ts';
