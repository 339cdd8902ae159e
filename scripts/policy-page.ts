import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lintRules } from '../packages/policy/src/index.ts';
import { markdownTable } from './markdown-table.ts';

/**
 * The page about policies, with the parts that follow from the code written anew: what
 * its commands print, run on the files that the page itself shows, and the table of
 * what `lint` finds.
 *
 * A file is a JSON block after `<!-- file: name -->`; a command is a console block that
 * begins with `$ causeway`.
 */
export async function fillPolicyPage(page: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-page-'));
  try {
    for (const [, name = '', text = ''] of page.matchAll(files)) {
      await writeFile(join(folder, name), text);
    }
    const outputs = new Map<string, string>();
    for (const [, command = ''] of page.matchAll(commands)) {
      outputs.set(command, await run(command, folder));
    }
    return page
      .replace(commands, (_, command: string) => {
        return `\`\`\`console\n$ ${command}\n${outputs.get(command) ?? ''}\`\`\``;
      })
      .replace(rules, (_, begin: string, end: string) => `${begin}\n\n${ruleTable()}\n\n${end}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const files = /<!-- file: ([\w.-]+) -->\n+```json\n(.*?)```/gs;
const commands = /```console\n\$ (causeway [^\n]*)\n.*?```/gs;
const rules = /(<!-- lint rules -->).*?(<!-- end -->)/s;

const main = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));
const flags = ['--experimental-strip-types', '--conditions=@causeway/source'];

/** What a reader sees who types this, whatever its exit code. */
function run(command: string, cwd: string): Promise<string> {
  const words = command.split(' ').slice(1);
  const env = { ...process.env, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, [...flags, main, ...words], { cwd, env }, (_, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

function ruleTable(): string {
  const rows = lintRules.map(({ code, severity, kinds, finds, reason }) => [
    `\`${code}\``,
    severity,
    finds,
    reason,
    kinds?.join(', ') ?? 'all',
  ]);
  return markdownTable(['Finding', 'Severity', 'What is found', 'Why it matters', 'Kinds'], rows);
}
