#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// Installed, it is built. A checkout runs from source, under the Node that npm
// brought along where there is one, since the machine's own may be too old.
if (here('.').includes('/node_modules/')) {
  await import('../dist/main.js');
} else {
  const brought = here('../../../node_modules/.bin/node');
  const flags = ['--experimental-strip-types', '--conditions=@causeway/source'];
  const child = spawn(
    existsSync(brought) ? brought : process.execPath,
    [...flags, here('../src/main.ts'), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 130);
  });
}
