import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { corsConfiguration, lifecycleConfiguration, mergeCors, mergeLifecycle } from '../index.ts';

const ours = corsConfiguration({ origins: ['https://app.example.com'] });
const theirs = { AllowedOrigins: ['https://own.example.com'], AllowedMethods: ['GET'] };

describe('mergeCors()', () => {
  it('is ours where there is none', () => {
    assert.deepEqual(mergeCors(null, ours).document, ours);
    assert.deepEqual(mergeCors('', ours).added, ['CausewayBrowse']);
  });

  it('adds our rule after theirs, and replaces it when the origins change', () => {
    const first = mergeCors({ CORSRules: [theirs] }, ours);
    const moved = corsConfiguration({ origins: ['https://new.example.com'] });

    const second = mergeCors(JSON.stringify(first.document), moved);

    assert.deepEqual(first.document, { CORSRules: [theirs, ...ours.CORSRules] });
    assert.deepEqual(second.document, { CORSRules: [theirs, ...moved.CORSRules] });
    assert.deepEqual(second.replaced, ['CausewayBrowse']);
    assert.equal(second.text, JSON.stringify(second.document));
  });

  it('keeps every foreign rule, and is the same when repeated', () => {
    const rule = fc.record(
      {
        ID: fc.constantFrom('a', 'b', 'CausewayBrowse'),
        AllowedOrigins: fc.constantFrom(['*'], ['https://x.example']),
        AllowedMethods: fc.constantFrom(['GET'], ['PUT', 'GET']),
      },
      { requiredKeys: ['AllowedOrigins', 'AllowedMethods'] },
    );
    const rules = fc.uniqueArray(rule, { maxLength: 5, selector: ({ ID }) => ID ?? Symbol() });
    fc.assert(
      fc.property(rules, (generated) => {
        const existing = JSON.parse(JSON.stringify(generated)) as typeof generated;
        const once = mergeCors({ CORSRules: existing }, ours);
        const twice = mergeCors(once.text, ours);
        const foreign = (list: readonly { ID?: string }[]) =>
          list.filter(({ ID }) => ID !== 'CausewayBrowse');

        const { CORSRules: merged } = once.document as { CORSRules: { ID?: string }[] };
        assert.deepEqual(foreign(merged), foreign(existing));
        assert.equal(twice.text, once.text);
        assert.deepEqual(twice.unchanged, ['CausewayBrowse']);
      }),
    );
  });

  it('refuses what is no configuration, and more than 100 rules', () => {
    assert.throws(() => mergeCors('{"CORSRules": [', ours), /line 1, column/);
    assert.throws(() => mergeCors('{}', ours), /at CORSRules: found no rules/);
    assert.throws(() => mergeCors({ CORSRules: ['x'] }, ours), /at CORSRules/);
    assert.throws(
      () => mergeCors({ CORSRules: Array.from({ length: 100 }, () => theirs) }, ours),
      /101 rules, and S3 accepts 100/,
    );
  });
});

describe('mergeLifecycle()', () => {
  it('leaves the rules and settings that are there', () => {
    const existing = {
      TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K',
      Rules: [{ ID: 'own', Status: 'Enabled', Filter: {}, Expiration: { Days: 30 } }],
    };
    const rule = lifecycleConfiguration({ prefix: 'causeway/', label: 'a' });

    const { document, added } = mergeLifecycle(existing, rule);

    assert.deepEqual(document, { ...existing, Rules: [...existing.Rules, ...rule.Rules] });
    assert.deepEqual(added, ['CausewayAbortUploadsa']);
  });

  it('refuses a time that is none', () => {
    assert.throws(
      () => lifecycleConfiguration({ prefix: '', abortAfterDays: 0 }),
      /abortAfterDays/,
    );
  });
});
