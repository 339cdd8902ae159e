import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluateLines, type LinesReport } from './evaluate-lines.ts';

const read = {
  Version: '2012-10-17',
  Statement: { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/*' },
};

function line(key: string, policies: readonly object[] = [read]): string {
  const request = {
    principal: 'arn:aws:iam::222222222222:user/alice',
    action: 's3:GetObject',
    resource: `arn:aws:s3:::${key}`,
    resourceAccount: '222222222222',
    context: {},
  };
  return JSON.stringify({ request, identityPolicies: policies });
}

async function decide(chunks: readonly string[]) {
  const written: string[] = [];
  const report: LinesReport = await evaluateLines(
    (async function* () {
      yield* chunks;
    })(),
    async (text) => {
      written.push(text);
    },
  );
  const answers = written.join('').split('\n').slice(0, -1);
  return { report, answers: answers.map((answer): unknown => JSON.parse(answer)) };
}

describe('evaluateLines()', () => {
  it('answers every line in its order, wherever the chunks are cut', async () => {
    const text = `${line('a/ä.csv')}\n${line('b/1')}\r\n\n${line('a/2')}`;
    const whole = await decide([text]);

    const cut = await decide(Array.from(text));

    assert.deepEqual(
      whole.answers.map((answer) => (answer as { decision: string }).decision),
      ['allowed', 'implicit_deny', 'allowed'],
    );
    assert.deepEqual(cut, whole);
    assert.deepEqual(whole.report, { lines: 3, malformed: 0, refused: 1 });
  });

  it('says what is wrong with a line, by its number, and goes on', async () => {
    const { answers, report } = await decide([
      ['{', '', line('a/1', [{ Statement: 1 }]), line('a/1')].join('\n'),
    ]);

    const [json, policy, good] = answers as {
      error?: { code: string; path?: string };
      line?: number;
    }[];
    assert.equal(json?.error?.code, 'malformed_json');
    assert.equal(json?.line, 1);
    assert.equal(policy?.error?.code, 'malformed_policy');
    assert.equal(policy?.error?.path, 'Statement');
    assert.equal(policy?.line, 3);
    assert.ok(good && 'decision' in good);
    assert.equal(report.malformed, 2);
  });

  it('does not hold a line without end in memory', async () => {
    const megabyte = ' '.repeat(1024 * 1024);

    const { answers } = await decide([
      ...Array.from({ length: 9 }, () => megabyte),
      '1\n',
      line('a/1'),
    ]);

    assert.equal(answers.length, 2);
    const [long] = answers as { error?: { code: string } }[];
    assert.equal(long?.error?.code, 'line_too_long');
  });

  it('reads no further than what it wrote was taken', async () => {
    let taken = 0;
    let produced = 0;
    const chunks = (async function* () {
      for (; produced < 50; produced += 1) {
        assert.ok(produced - taken <= 1);
        yield `${line('a/1')}\n`;
      }
    })();

    await evaluateLines(chunks, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      taken += 1;
    });

    assert.equal(taken, 50);
  });
});
