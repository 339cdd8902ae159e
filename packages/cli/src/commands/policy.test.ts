import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, it } from 'node:test';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { program } from '../program.ts';
import { makePlace, type Place, pipeThroughCommand, runCommand } from '../testing/run-command.ts';

const read = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Read',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::acme-data/in/*',
    },
  ],
};

function caseOf(key: string): object {
  const request = {
    principal: 'arn:aws:iam::222222222222:user/alice',
    action: 's3:GetObject',
    resource: `arn:aws:s3:::acme-data/${key}`,
    resourceAccount: '222222222222',
    context: {},
  };
  return { request, identityPolicies: [read] };
}

describe('causeway policy', () => {
  let place: Place;
  before(async () => {
    place = await makePlace();
    await writeFile(join(place.folder, 'case.json'), JSON.stringify(caseOf('in/1')));
  });
  after(() => place.remove());

  describe('evaluate', () => {
    it('prints the decision for people', async () => {
      const { exitCode, stdout } = await runCommand(place, ['policy', 'evaluate', 'case.json']);

      assert.equal(exitCode, 0);
      assert.match(
        stdout,
        /^allowed\n"arn:aws:iam::222222222222:user\/alice" may call s3:GetObject/,
      );
      assert.match(stdout, /Allow by statement "Read" of identityPolicies\[0\]/);
    });

    it('takes a refusal for a result, unless told that it is a failure', async () => {
      const input = JSON.stringify(caseOf('out/1'));
      const plain = await runCommand(place, ['policy', 'evaluate', '-', '--json'], {}, input);
      const strict = await runCommand(place, ['policy', 'evaluate', '--fail-on-deny'], {}, input);

      assert.equal(plain.exitCode, 0);
      const decision = JSON.parse(plain.stdout) as Record<string, unknown>;
      assert.deepEqual(Object.keys(decision), ['decision', 'because', 'statements']);
      assert.equal(decision['decision'], 'implicit_deny');
      assert.equal(strict.exitCode, exitCodes.notProved);
      assert.match(strict.stdout, /^refused: nothing allows it\n/);
    });

    it('says what is wrong with a case, once', async () => {
      const input = JSON.stringify({ ...caseOf('in/1'), sessionPolicy: [read] });
      const { exitCode, stdout, stderr } = await runCommand(
        place,
        ['policy', 'evaluate'],
        {},
        input,
      );

      assert.equal(exitCode, exitCodes.failed);
      assert.equal(stdout, '');
      assert.match(stderr, /malformed_policy: Cannot read the case at sessionPolicy: .*\nUse only/);
      assert.equal(stderr.split('Use only').length, 2);
    });

    it('names a file that is not there', async () => {
      await assert.rejects(
        program().parseAsync(['policy', 'evaluate', 'none.json'], { from: 'user' }),
        {
          name: 'CausewayError',
          message: 'Cannot read "none.json": it does not exist',
        },
      );
    });

    it('tells a folder from a file', async () => {
      const { exitCode, stderr } = await runCommand(place, ['policy', 'evaluate', '.']);

      assert.equal(exitCode, exitCodes.failed);
      assert.match(stderr, /Cannot read "\.": it is a folder\n/);
    });

    it('goes on after a line that holds no case, and says so at the end', async () => {
      const lines = [JSON.stringify(caseOf('in/1')), '{', JSON.stringify(caseOf('out/1'))];
      const args = ['policy', 'evaluate', '--jsonl'];
      const { exitCode, stdout, stderr } = await runCommand(place, args, {}, lines.join('\n'));

      assert.equal(exitCode, exitCodes.failed);
      const answers = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      assert.deepEqual(
        answers.map((answer) => Object.keys(answer)[0]),
        ['decision', 'error', 'decision'],
      );
      assert.match(stderr, /1 of 3 lines holds no case/);
    });

    it('streams 100,000 lines in their order through a small heap', async () => {
      const count = 100_000;
      // V8 counts what it set aside for young objects, 128 MB by default, against the heap.
      const flags = ['--max-old-space-size=40', '--max-semi-space-size=4'];
      const child = pipeThroughCommand(place, ['policy', 'evaluate', '--jsonl'], flags);
      const exit = once(child, 'exit');
      const lines = function* () {
        for (let from = 0; from < count; from += 500) {
          const numbers = Array.from({ length: 500 }, (_, index) => from + index);
          yield numbers.map((n) => `${JSON.stringify(caseOf(`in/${n}`))}\n`).join('');
        }
      };
      const fed = pipeline(Readable.from(lines()), child.stdin);
      let seen = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        if (!line.includes(`acme-data/in/${seen}\\"`) || !line.includes('"allowed"')) {
          assert.fail(`line ${seen}: ${line}`);
        }
        seen += 1;
      }
      await fed;

      assert.equal(seen, count);
      assert.deepEqual(await exit, [0, null]);
    });
  });

  describe('explain', () => {
    it('says a sentence for each type of policy, and the change with its patch', async () => {
      await writeFile(join(place.folder, 'refused.json'), JSON.stringify(caseOf('out/1')));
      const { exitCode, stdout } = await runCommand(place, ['policy', 'explain', 'refused.json']);

      assert.equal(exitCode, 0);
      assert.match(stdout, /^refused: nothing allows it\n/);
      assert.match(stdout, /\n· identity-based: No statement of the caller's identity policies/);
      assert.match(stdout, /\n· resource-based: The resource has no policy/);
      assert.match(stdout, /\nThe smallest change: .*"arn:aws:s3:::acme-data\/out\/1"/);
      assert.match(stdout, /\nPatch of identityPolicies\[0\] \(RFC 6902\)\n\[\n/);
      assert.match(stdout, /\nProved: with it the request is allowed, and \d+ requests around it/);
    });

    it('prints all of it as JSON, and fails when told to', async () => {
      const input = JSON.stringify(caseOf('out/1'));
      const args = ['policy', 'explain', '--json', '--fail-on-deny'];
      const { exitCode, stdout } = await runCommand(place, args, {}, input);

      assert.equal(exitCode, exitCodes.notProved);
      const { decision, change } = JSON.parse(stdout) as {
        decision: string;
        change: { of: string; unchanged: unknown[] };
      };
      assert.equal(decision, 'implicit_deny');
      assert.equal(change.of, 'policies');
      assert.ok(change.unchanged.length > 5);
    });
  });

  describe('lint', () => {
    const wide =
      '{"Version":"2012-10-17",\n "Statement":[{"Effect":"Allow","Action":"s3:GetObject",\n  "Resource":"arn:aws:s3:::acme-data"}]}';
    const args = ['policy', 'lint', '--type', 'identity', '--bucket', 'acme-data'];

    it('names file, line and column, and exits with 3 for an error', async () => {
      await writeFile(join(place.folder, 'wide.json'), wide);
      const { exitCode, stdout } = await runCommand(place, [...args, 'wide.json']);

      assert.equal(exitCode, exitCodes.notProved);
      assert.match(
        stdout,
        /^wide\.json:2:\d+: error object_action_on_bucket: "s3:GetObject" works on objects/,
      );
    });

    it('prints JSON, and has nothing to say of what generate wrote', async () => {
      const { stdout: found } = await runCommand(place, [...args, '--json'], {}, wide);
      const role = ['--access', 'access_key', '--bucket', 'acme-data', '--account', '222222222222'];
      const { stdout: good } = await runCommand(place, [
        ...['policy', 'generate', ...role, '--document', 'permissionsPolicy'],
      ]);
      const clean = await runCommand(place, args, {}, good);

      const [finding] = JSON.parse(found) as { code: string; line: number }[];
      assert.equal(finding?.code, 'object_action_on_bucket');
      assert.equal(finding.line, 2);
      assert.equal(clean.exitCode, 0);
      assert.equal(clean.stdout, 'standard input: nothing to say\n');
    });
  });

  describe('generate', () => {
    const role = [
      ...[
        'policy',
        'generate',
        '--access',
        'role',
        '--bucket',
        'acme-data',
        '--prefix',
        'causeway/',
      ],
      ...['--account', '222222222222', '--external-id', 'cw-0f8fad5b'],
      ...['--operator-principal', 'arn:aws:iam::111111111111:role/causeway'],
    ];

    it('prints every document, with whose it is and where it goes', async () => {
      const { exitCode, stdout } = await runCommand(place, role);

      assert.equal(exitCode, 0);
      assert.match(stdout, /^trustPolicy \(customer\): trust policy of the role\n\{/);
      assert.match(stdout, /\nassumeRolePolicy \(operator\): /);
      assert.match(stdout, /"sts:ExternalId": "cw-0f8fad5b"/);
    });

    it('exits with 2 when something is missing, and names the flag', async () => {
      const args = role.filter((word) => !/external|cw-/.test(word));
      const { exitCode, stdout, stderr } = await runCommand(place, args);

      assert.equal(exitCode, exitCodes.usage);
      assert.equal(stdout, '');
      assert.match(stderr, /--external-id is missing\nGive it/);
    });

    it('prints one document alone, for other programs', async () => {
      const { stdout } = await runCommand(place, [...role, '--document', 'permissionsPolicy']);

      const { Statement } = JSON.parse(stdout) as { Statement: { Sid: string }[] };
      assert.deepEqual(
        Statement.map(({ Sid }) => Sid),
        ['Write', 'List', 'Verify'],
      );
    });

    it('adds a document to what is there, and tells apart what it did', async () => {
      const existing = {
        Version: '2008-10-17',
        Statement: { ...read.Statement[0], Principal: '*' },
      };
      const args = [...role, '--document', 'bucketPolicy', '--merge-into', '-'];
      const once = await runCommand(place, args, {}, JSON.stringify(existing));
      const twice = await runCommand(place, args, {}, once.stdout);

      assert.match(once.stdout, /^\{"Version":"2008-10-17","Statement":\[\{"Sid":"Read"/);
      assert.equal(once.stderr, 'added CausewayWrite, CausewayList, CausewayVerify\n');
      assert.equal(twice.stdout.trim(), once.stdout.trim());
      assert.equal(twice.stderr, 'unchanged CausewayWrite, CausewayList, CausewayVerify\n');
    });

    const wrong: [name: string, args: readonly string[], message: RegExp][] = [
      ['a prefix without its slash', [...role, '--prefix', 'a'], /--prefix is "a"/],
      [
        'another partition',
        [...role, '--partition', 'aws-cn'],
        /--operator-principal is of partition "aws"/,
      ],
      [
        'a document that is not there',
        [...role, '--document', 'cors'],
        /there is no "cors" here, only trustPolicy/,
      ],
      [
        'a merge without a document',
        [...role, '--merge-into', 'x'],
        /--merge-into needs --document/,
      ],
      [
        'a merge of what is not shared',
        [...role, '--document', 'trustPolicy', '--merge-into', '-'],
        /"trustPolicy" belongs to Causeway alone/,
      ],
    ];
    for (const [name, args, message] of wrong) {
      it(`takes ${name} for wrong usage`, async () => {
        const causeway = program();
        const silent = (command: Command): void => {
          command.configureOutput({ writeErr: () => {} }).commands.forEach(silent);
        };
        silent(causeway);

        await assert.rejects(causeway.parseAsync([...args], { from: 'user' }), {
          name: 'CommanderError',
          exitCode: 1,
          message,
        });
      });
    }
  });
});
