import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Access, type Capability, CausewayError, causeOf } from '@causeway/contract';
import { breakSetup } from '../testing/broken-setup.ts';
import { type OpenStage, openStage } from '../testing/open-stage.ts';
import { fill, type Site } from '../testing/site.ts';
import type { CheckDeps } from './check-deps.ts';

interface InjectedAnswer {
  readonly status: number;
  readonly code: string;
  readonly message?: string;
}

/** An answer of AWS to one call of a check of a setup that is right, and what is made of it. */
interface Answer extends InjectedAnswer {
  readonly call: string;
  readonly access: Access;
  readonly capabilities?: readonly Capability[];
  readonly message: string;
  readonly finds: string;
  readonly side: string;
  readonly document?: string;
  readonly says?: string;
}

/** The error catalogue as data: to add an answer of AWS is to add a line. */
const catalogue = JSON.parse(
  readFileSync(new URL('./error-catalogue.json', import.meta.url), 'utf8'),
) as {
  readonly answers: readonly Answer[];
  readonly busy: readonly InjectedAnswer[];
  readonly asked: readonly { readonly access: Access; readonly calls: readonly string[] }[];
};

let stage: OpenStage;
before(async () => {
  stage = await openStage();
});
after(() => stage?.close());

/** S3 is asked about a bucket, so that setups side by side do not meet each other's faults. */
const isOfS3 = (call: string) => !/^(Assume|GetCaller|GetRole|ListRole|ListAttached)/.test(call);

/** Makes one call of one setup fail for as long as the work takes. */
async function whileInjected(
  call: string,
  { connection }: Site,
  effect: object,
  work: () => Promise<unknown>,
): Promise<void> {
  const faults = `${stage.sandboxUrl}/_sandbox/faults`;
  const bucket = isOfS3(call) ? { bucket: connection.bucket } : {};
  const body = JSON.stringify({ operation: call, ...bucket, effect });
  const answer = await fetch(faults, { method: 'POST', body });
  assert.equal(answer.status, 201);
  const { id } = (await answer.json()) as { id: string };
  try {
    await work();
  } finally {
    await fetch(`${faults}/${id}`, { method: 'DELETE' });
  }
}

/** Setups that nobody works with: a check leaves them as they are. */
const idle = new Map<string, Site[]>();

async function withRightSetup(
  access: Access,
  capabilities: readonly Capability[] | undefined,
  work: (site: Site) => Promise<unknown>,
): Promise<void> {
  const kind = `${access} ${capabilities}`;
  const some = idle.get(kind) ?? [];
  idle.set(kind, some);
  const right = { name: 'right', finds: [], outcome: 'healthy' } as const;
  const site =
    some.pop() ??
    (await breakSetup(stage, access, { ...right, ...(capabilities && { capabilities }) }));
  await work(site);
  some.push(site);
}

for (const [service, calls] of [
  ['STS', catalogue.answers.filter(({ call }) => !isOfS3(call))],
  ['S3', catalogue.answers.filter(({ call }) => isOfS3(call))],
] as const) {
  describe(`the error catalogue of ${service}`, { concurrency: service === 'S3' ? 4 : 1 }, () => {
    for (const answer of calls) {
      const { call, access, code, finds } = answer;
      it(`${access}, ${call}: ${code} "${answer.message.slice(-60)}" is ${finds}`, () =>
        findsWhatIsSaid(answer));
    }
  });
}

async function findsWhatIsSaid(answer: Answer): Promise<void> {
  const { call, status, code } = answer;
  await withRightSetup(answer.access, answer.capabilities, async (site) => {
    const { message } = fill(site, { message: answer.message });
    const effect = { type: 'fail_before', status, code, message };
    await whileInjected(call, site, effect, () => findsIn(site, answer));
  });
}

async function findsIn(site: Site, answer: Answer): Promise<void> {
  const { call, says = '' } = answer;
  const report = await stage.check(site);

  const found = report.steps.find(({ verdict }) => verdict === 'failed' || verdict === 'warned');
  assert.ok(found);
  assert.equal(`${found.id}: ${found.verdict} ${found.cause}`, answer.finds);
  assert.equal(found.side, answer.side);
  assert.equal(found.fix?.document, answer.document);
  const expected = fill(site, { says }).says;
  assert.ok(found.fix?.text.includes(expected) ?? expected === '', found.fix?.text);
  assert.equal(found.evidence?.operation.split(':')[1], call);
  assert.ok(found.message.length > 20);
}

/** AWS's turn: nothing is found of the setup, and whoever asked may ask again. */
async function saysTryAgain(
  access: Access,
  call: string,
  effect: object,
  more: Partial<CheckDeps> = {},
): Promise<void> {
  await withRightSetup(access, ['deliver', 'ingest', 'browse'], (site) =>
    whileInjected(call, site, effect, () =>
      assert.rejects(stage.check(site, more), (error) => {
        assert.ok(CausewayError.is(error, 'store_unavailable'), String(error));
        assert.equal(error.retry, 'later');
        assert.match(error.hint, /^Try again later: it says nothing about the setup/);
        return true;
      }),
    ),
  );
}

const timeouts = {
  connectionTimeout: 500,
  requestTimeout: 150,
  throwOnRequestTimeout: true,
} as const;

for (const [service, concurrency] of [
  ['STS and IAM', 1],
  ['S3', 6],
] as const) {
  describe(`an answer of ${service} that says nothing about the setup`, { concurrency }, () => {
    for (const { access, calls } of catalogue.asked) {
      calls.forEach((call, i) => {
        if (isOfS3(call) !== (service === 'S3')) return;
        // Each call meets one of them, and each of them many calls.
        const busy = catalogue.busy[i % catalogue.busy.length];
        it(`${access}, ${call}: ${busy?.code} is nobody's fault`, () =>
          saysTryAgain(access, call, { type: 'fail_before', ...busy }));
      });
    }
  });
}

describe('an upload that is not answered as it should be', { concurrency: 6 }, () => {
  for (const { status, code } of catalogue.busy) {
    it(`is nobody's fault when the answer is ${code}`, () =>
      saysTryAgain('role', 'CreateMultipartUpload', { type: 'fail_before', status, code }));
  }

  it("is nobody's fault when the connection is cut", () =>
    saysTryAgain('role', 'CreateMultipartUpload', { type: 'drop_reply' }));

  it('is found as it is when the answer is only late', async () => {
    const late = { type: 'delay', milliseconds: 300 };
    await withRightSetup('role', undefined, (site) =>
      whileInjected('CreateMultipartUpload', site, late, async () => {
        assert.equal((await stage.check(site)).outcome, 'healthy');
      }),
    );
  });
});

describe('silence', () => {
  for (const call of ['AssumeRole', 'CreateMultipartUpload', 'PreflightRequest']) {
    it(`to ${call} is nobody's fault, and not waited for longer than it may take`, () =>
      saysTryAgain('role', call, { type: 'hold' }, { timeouts }));
  }
});

describe('the causes of the catalogue', () => {
  it('are of the side that its page says, or of a nearer one', () => {
    for (const { finds, side } of catalogue.answers) {
      const cause = finds.split(' ').at(-1) as Parameters<typeof causeOf>[0];
      assert.equal(causeOf(cause).side, side, finds);
    }
  });
});
