import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cachingParser } from '../index.ts';

const policy = (sid: string) => ({
  Version: '2012-10-17',
  Statement: [{ Sid: sid, Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
});
const options = { name: 'identityPolicies[0]', type: 'identity' } as const;

describe('cachingParser()', () => {
  it('parses equal documents once', () => {
    const parse = cachingParser();

    assert.equal(parse(policy('A'), options), parse(policy('A'), options));
    assert.notEqual(parse(policy('A'), options), parse(policy('B'), options));
  });

  it('keeps apart what is named otherwise, of another kind, or given as text', () => {
    const parse = cachingParser();
    const first = parse(policy('A'), options);

    assert.equal(parse(policy('A'), { ...options, name: 'other' }).name, 'other');
    assert.notEqual(parse(policy('A'), { ...options, type: 'boundary' }), first);
    assert.notEqual(parse(JSON.stringify(policy('A')), options), first);
  });

  it('keeps what is used, and forgets what is not', () => {
    const parse = cachingParser({ entries: 4 });
    const [a, b] = [parse(policy('A'), options), parse(policy('B'), options)];

    for (const sid of ['C', 'D', 'E', 'F']) {
      assert.equal(parse(policy('A'), options), a);
      parse(policy(sid), options);
    }

    assert.equal(parse(policy('A'), options), a);
    assert.notEqual(parse(policy('B'), options), b);
  });

  it('keeps no more text than it was told', () => {
    const parse = cachingParser({ characters: 400 });
    const first = parse(policy('A'), options);
    for (const sid of ['B', 'C', 'D', 'E']) parse(policy(sid), options);

    assert.notEqual(parse(policy('A'), options), first);
    assert.ok(parse(policy('X'.repeat(900)), options));
  });

  it('refuses a malformed policy each time', () => {
    const parse = cachingParser();

    for (const _ of [1, 2]) assert.throws(() => parse({}, options), { name: 'PolicySyntaxError' });
  });

  it('refuses what JSON cannot hold as parsePolicy does', () => {
    const cyclic: { Statement?: unknown } = {};
    cyclic.Statement = cyclic;

    assert.throws(() => cachingParser()(cyclic, options), { name: 'PolicySyntaxError' });
  });
});
