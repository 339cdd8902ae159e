import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { program } from './program.ts';
import { makePlace, type Place, runCommand, runProcess } from './testing/run-command.ts';

/** A command and all below it, each with the words that call it. */
function walk(command: Command, path: string): { command: Command; path: string }[] {
  return [
    { command, path },
    ...command.commands.flatMap((child) => walk(child, `${path} ${child.name()}`)),
  ];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const all = walk(program(), 'causeway');

describe('program()', () => {
  it('describes every command, argument and option', () => {
    for (const { command, path } of all) {
      assert.notEqual(command.description(), '', path);
      for (const part of [...command.registeredArguments, ...command.options]) {
        assert.notEqual(part.description, '', `${path} ${part.name()}`);
      }
    }
  });

  it('shows an example of every command that takes input', () => {
    const leaves = all.filter(({ command }) => command.commands.length === 0);
    const withInput = leaves.filter(
      ({ command }) => command.registeredArguments.length + command.options.length > 0,
    );

    assert.ok(withInput.length > 15);
    for (const { command, path } of withInput) {
      const [, example] = helpOf(command).split(/\nExamples?:\n/);
      assert.ok(example?.includes(path), path);
    }
  });

  it('lets every command that prints a result print JSON', () => {
    const groups = ['customers', 'connections', 'datasets', 'deliveries', 'runs'];
    const printing = all.filter(
      ({ command, path }) => groups.includes(path.split(' ')[1] ?? '') && !command.commands.length,
    );

    assert.ok(printing.length > 30, `${printing.length} commands`);
    for (const { command, path } of printing) {
      assert.ok(
        command.options.some(({ long }) => long === '--json'),
        path,
      );
    }
  });

  it('has examples that it understands itself', () => {
    const lines = all.flatMap(({ command }) => {
      const [, examples = ''] = helpOf(command).split(/\nExamples?:\n/);
      return examples.split('\n').filter((line) => /^ {2}causeway \w+ \w+ .*--/.test(line));
    });

    assert.ok(lines.length > 8);
    for (const line of lines) {
      const words = line.trim().split(/\s+/).slice(1);
      const command = words.reduce<Command | undefined>(
        (current, word) => current?.commands.find((child) => child.name() === word) ?? current,
        program(),
      );
      const flags = words.filter((word) => word.startsWith('--'));
      for (const flag of flags) {
        assert.ok(
          command?.options.some(({ long }) => long === flag),
          `${line}: ${flag}`,
        );
      }
    }
  });
});

describe('causeway', () => {
  let place: Place;
  before(async () => {
    place = await makePlace();
  });
  after(() => place.remove());

  it('says its version, which is that of its package', async () => {
    const file = new URL('../package.json', import.meta.url);
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };

    const { exitCode, stdout } = await runProcess(place, ['--version']);

    assert.equal(stdout.trim(), version);
    assert.equal(exitCode, 0);
  });

  it('exits with 0 for help, and explains its exit codes there', async () => {
    const { exitCode, stdout } = await runCommand(place, ['--help']);

    assert.equal(exitCode, 0);
    assert.match(stdout, /Exit codes: 0 done, 1 could not be done, 2 wrong usage, 3 done/);
  });

  const wrong: Readonly<Record<string, readonly string[]>> = {
    'no command': [],
    'a command that does not exist': ['customer'],
    'a group without its command': ['customers'],
    'a missing argument': ['customers', 'get'],
    'a missing option': ['customers', 'create', '--name', 'Acme'],
    'an option that does not exist': ['runs', 'list', '--al'],
    'a choice that does not exist': ['deliveries', 'create', '--format', 'xml'],
    'a number that is none': ['runs', 'list', '--limit', 'many'],
    'half a window': ['deliveries', 'run', 'dlv_1', '--from', '2026-11-01T00:00:00Z'],
    'a verification without keys': ['verify', '.'],
  };
  for (const [what, args] of Object.entries(wrong)) {
    it(`exits with 2 for ${what}, and says so on standard error`, async () => {
      const { exitCode, stdout, stderr } = await runCommand(place, args);

      assert.equal(exitCode, exitCodes.usage);
      assert.equal(stdout, '');
      assert.match(stderr, /error: |Usage: /);
      assert.doesNotMatch(stderr, /\n {4}at /);
    });
  }

  it('says the same, and exits with the same, as a process of its own', async () => {
    for (const args of [['customer'], ['customers', 'list'], ['--help']]) {
      assert.deepEqual(await runProcess(place, args), await runCommand(place, args));
    }
  });

  it('says where keys come from when there is none', async () => {
    const { exitCode, stderr } = await runCommand(place, ['customers', 'list']);

    assert.equal(exitCode, exitCodes.failed);
    assert.match(stderr, /there is no API key\n.*--api-key or CAUSEWAY_API_KEY/);
  });

  it('says how to start a server when none runs', async () => {
    // Port 9 is "discard": nothing listens there.
    const { exitCode, stderr } = await runCommand(place, ['runs', 'list'], {
      CAUSEWAY_URL: 'http://127.0.0.1:9',
      CAUSEWAY_API_KEY: 'cwk_x',
    });

    assert.equal(exitCode, exitCodes.failed);
    assert.match(stderr, /Cannot reach Causeway at "http:\/\/127.0.0.1:9": .*\n.*npm start/);
  });

  it('says without a stack that a port is taken, and that accounts are wrong', async () => {
    const wrongFile = await runProcess(place, ['sandbox', '--port', '0', '--config', 'none.json']);

    assert.equal(wrongFile.exitCode, exitCodes.failed);
    assert.match(wrongFile.stderr, /Cannot read "none.json": it does not exist/);
    assert.doesNotMatch(wrongFile.stderr, /\n {4}at /);

    await writeFile(join(place.folder, 'wrong.json'), '{"acounts":[],"iamDelaySeconds":"7"}');
    const wrongKeys = await runProcess(place, ['sandbox', '--port', '0', '--config', 'wrong.json']);

    assert.equal(wrongKeys.exitCode, exitCodes.failed);
    assert.match(wrongKeys.stderr, /unknown key "acounts".*iamDelaySeconds is "7"/);
  });
});
