import { firstMessage, forkCommand } from '../start/child.ts';

/** Forks the command that the arguments name, and prints its pid and, later, that it is ready. */
const child = forkCommand(process.argv.slice(2), { env: process.env });
console.log(child.pid);
await firstMessage(child, 'the command');
console.log('ready');
await new Promise((resolve) => setTimeout(resolve, 120_000));
