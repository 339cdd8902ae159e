#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Installed, the built program is there. In a checkout it runs from source, under
// the Node that npm brought along where there is one: the machine's may be too old.
const built = fileURLToPath(new URL('../dist/main.js', import.meta.url));
if (existsSync(built)) {
  await import(built);
} else {
  const source = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const brought = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  const flags = ['--experimental-strip-types', '--conditions=@causeway/source'];
  const child = spawn(
    existsSync(brought) ? brought : process.execPath,
    [...flags, source, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 130);
  });
}
