import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type Change, evaluateCase, explain, explainCase, type JsonPatch } from '../index.ts';
import { applyChange, type Case } from '../testing/apply-change.ts';

interface CaseFile {
  readonly about: string;
  /** What every case of the file starts from; a case replaces whole policies and single fields of the request. */
  readonly given: Case;
  readonly cases: readonly (Omit<Case, 'request'> & {
    readonly name: string;
    readonly why?: string;
    readonly request?: object;
    readonly change: {
      readonly of: Change['of'];
      readonly text?: string;
      readonly context?: Change['context'];
      readonly edits?: readonly {
        readonly document: string;
        /** Null: any. */
        readonly patch: JsonPatch | null;
        readonly text?: string;
      }[];
    };
    readonly reasons?: readonly string[];
  })[];
}

const folder = new URL('./cases/', import.meta.url);

for (const file of readdirSync(folder)) {
  const { about, given, cases } = JSON.parse(
    readFileSync(new URL(file, folder), 'utf8'),
  ) as CaseFile;
  describe(`explainCase(), ${file}: ${about}`, () => {
    for (const { name, why: _, request, change: wanted, reasons, ...policies } of cases) {
      it(name, () => {
        const asked = { ...given, ...policies, request: { ...given.request, ...request } };

        const { change, ...explanation } = explainCase(asked);

        assert.ok(change);
        assert.equal(change.of, wanted.of, change.text);
        assert.ok(change.text.includes(wanted.text ?? ''), change.text);
        assert.deepEqual(change.context, wanted.context ?? {});
        if (reasons) {
          assert.deepEqual(
            explanation.reasons.map(({ sentence }) => sentence),
            reasons,
          );
        }
        assertEdits(change, wanted.edits ?? []);
        const after = evaluateCase(applyChange(asked, change));
        assert.equal(after.decision === 'allowed', change.of !== 'nothing', after.because);
      });
    }
  });
}

function assertEdits(
  { edits }: Change,
  wanted: CaseFile['cases'][number]['change']['edits'] & {},
): void {
  const places = (list: readonly { document: string }[]) =>
    list.map(({ document }) => document).toSorted();
  assert.deepEqual(places(edits), places(wanted));
  for (const { document, patch, text = '' } of wanted) {
    const edit = edits.find((one) => one.document === document);
    if (patch) assert.deepEqual(edit?.patch, patch);
    assert.ok(edit?.text.includes(text), edit?.text);
  }
}

const read = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-data/*' },
};
const alice = {
  principal: 'arn:aws:iam::222222222222:user/alice',
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::acme-data/a.csv',
  resourceAccount: '222222222222',
  context: {},
};

describe('explain()', () => {
  it('names documents as their owner does', () => {
    const { change, reasons } = explain(
      { ...alice, action: 's3:PutObject' },
      { identityPolicies: [{ name: 'AcmeReaders', document: read }] },
    );

    assert.match(change?.text ?? '', /^Add a statement to the identity policy "AcmeReaders" that/);
    assert.equal(reasons[0]?.type, 'identity-based');
  });

  it('gives one patch for a document that changes in two places', () => {
    const deny = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: ['arn:aws:s3:::acme-data/*', 'arn:aws:s3:::other/*'],
    };
    const guarded = (Sid: string) => ({
      ...deny,
      Sid,
      Condition: { StringNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::222222222222:role/x' } },
    });
    const document = { Version: '2012-10-17', Statement: [guarded('One'), guarded('Two')] };

    const { change } = explain(
      { ...alice, action: 's3:PutObject' },
      {
        identityPolicies: [
          {
            name: 'Writers',
            document: { ...read, Statement: { ...read.Statement, Action: 's3:*' } },
          },
        ],
        resourcePolicy: { name: 'acme-data', document },
      },
    );

    assert.deepEqual(
      change?.edits.map((edit) => edit.document),
      ['resourcePolicy'],
    );
    const [edit] = change.edits;
    assert.match(edit?.text ?? '', /"One".*"Two"/);
    assert.ok((edit?.patch.length ?? 0) >= 2);
  });

  it('changes nothing for a request that is allowed', () => {
    const { decision, change, reasons } = explain(alice, {
      identityPolicies: [{ name: 'AcmeReaders', document: read }],
    });

    assert.deepEqual([decision, change], ['allowed', null]);
    assert.deepEqual(
      reasons.map(({ type, says, counts }) => ({ type, says, counts })),
      [
        { type: 'identity-based', says: 'allows', counts: true },
        { type: 'resource-based', says: 'nothing', counts: false },
      ],
    );
  });

  it('lists the requests around the one that was asked, with their decisions', () => {
    const { change } = explain({ ...alice, action: 's3:PutObject' }, {});

    const probes = change?.unchanged ?? [];
    const whats = probes.map(({ what }) => what);
    for (const what of [
      'another principal of the account, whose own policies allow it',
      'a principal of another account, whose own policies allow it',
      'the action s3:DeleteObject',
      'a key that begins the same',
      'another bucket, which lets the account in',
    ]) {
      assert.ok(whats.includes(what), what);
    }
    const allowed = probes.filter(({ decision }) => decision === 'allowed');
    assert.deepEqual(
      allowed.map(({ what }) => what),
      ['another principal of the account, whose own policies allow it'],
    );
  });

  it('does not touch the documents that it was given', () => {
    const document = structuredClone(read);

    explain(
      { ...alice, action: 's3:PutObject' },
      { identityPolicies: [{ name: 'AcmeReaders', document }] },
    );

    assert.deepEqual(document, read);
  });

  it('refuses what is no policy, and what is no principal', () => {
    const identityPolicies = [{ name: 'x', document: '{' }];

    assert.throws(() => explain(alice, { identityPolicies }), { name: 'PolicySyntaxError' });
    assert.throws(() => explain({ ...alice, principal: 'alice' }, {}), /no principal of AWS/);
  });

  it('takes no long time for the longest of bucket policies', () => {
    const statements = Array.from({ length: 100 }, (_, index) => ({
      Effect: index % 7 === 0 ? 'Deny' : 'Allow',
      Principal: { AWS: `arn:aws:iam::111111111111:role/r${index}` },
      Action: ['s3:PutObject', 's3:GetObject'],
      Resource: `arn:aws:s3:::acme-data/${index}/*`,
    }));
    const document = { Version: '2012-10-17', Statement: statements };
    // Processor time: the machine may do other things besides.
    const start = process.cpuUsage();

    const { change } = explain(
      { ...alice, principal: 'arn:aws:iam::111111111111:role/r1' },
      {
        identityPolicies: [{ name: 'AcmeReaders', document: read }],
        resourcePolicy: { name: 'acme-data', document },
      },
    );

    assert.equal(change?.of, 'policies');
    assert.ok(process.cpuUsage(start).user < 5_000_000);
  });
});
