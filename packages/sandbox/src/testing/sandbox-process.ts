/** A sandbox in a process of its own, on the data folder given: prints its address, and its memory when asked. */
import { startSandbox } from '../start-sandbox.ts';

const [dataDir = ''] = process.argv.slice(2);
const sandbox = await startSandbox({ port: 0, dataDir });
process.send?.({ url: sandbox.url, port: sandbox.port });
process.on('message', () => process.send?.({ rss: process.memoryUsage.rss() }));
process.on('disconnect', () => process.exit());
