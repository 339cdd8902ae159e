import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { CheckReport, CheckStep } from '@causeway/contract';
import { printCheck } from './print-check.ts';

function report(...steps: Partial<CheckStep>[]): CheckReport {
  return {
    connectionId: 'conn_1',
    outcome: 'failing',
    checkedAt: '2026-11-22T00:00:00.000Z',
    durationMs: 12,
    steps: steps.map((step) => ({
      id: 'role.assume',
      title: 'The role can be assumed',
      verdict: 'passed',
      message: 'It can',
      durationMs: 8,
      ...step,
    })),
  };
}

describe('printCheck()', () => {
  it('says of a passed step no more than that it passed', () => {
    assert.equal(
      stripVTControlCharacters(printCheck(report({}))),
      '✓ The role can be assumed  8 ms',
    );
  });

  it('says under a failed step what was found, whose turn it is, the fix, and what AWS answered', () => {
    const text = printCheck(
      report({
        verdict: 'failed',
        message: 'AWS STS answered AccessDenied',
        side: 'customer',
        fix: { document: 'trustPolicy', text: 'Replace the trust policy' },
        evidence: { operation: 'sts:AssumeRole', code: 'AccessDenied', requestId: 'req-1' },
      }),
    );

    assert.deepEqual(stripVTControlCharacters(text).split('\n'), [
      '✗ The role can be assumed  8 ms',
      '    AWS STS answered AccessDenied',
      '    fix (customer): Replace the trust policy',
      '    sts:AssumeRole answered AccessDenied, request req-1',
    ]);
  });

  it('ranks the causes where AWS does not say which it is', () => {
    const causes = [
      { code: 'trust_external_id_differs', text: 'Another external ID' },
      { code: 'role_missing', text: 'No role' },
    ];

    const text = printCheck(report({ verdict: 'failed', message: 'Refused', causes }));

    assert.deepEqual(stripVTControlCharacters(text).split('\n').slice(2), [
      '    most likely first:',
      '      1. Another external ID',
      '      2. No role',
    ]);
  });

  it('tells every verdict by its sign, without colours', () => {
    const verdicts = ['passed', 'failed', 'warned', 'skipped'] as const;

    const text = printCheck(report(...verdicts.map((verdict) => ({ verdict }))), '  ');

    const signs = stripVTControlCharacters(text)
      .split('\n')
      .filter((line) => !line.startsWith('      '))
      .map((line) => line.slice(0, 3));
    assert.deepEqual(signs, ['  ✓', '  ✗', '  !', '  ·']);
  });

  it('never lets what a store answered steer the terminal', () => {
    const hostile = 'x\x1b]0;owned\x07\x1b[2J\x9b31m\r\n\u202e';

    const text = printCheck(
      report({
        title: hostile,
        verdict: 'failed',
        message: hostile,
        fix: { document: 'bucket', text: hostile },
        evidence: { operation: hostile, code: hostile, requestId: hostile },
      }),
    );

    assert.equal(text.split('\n').length, 4);
    assert.doesNotMatch(
      stripVTControlCharacters(text).replaceAll('\n', ''),
      /[\p{Cc}\p{Bidi_Control}]/u,
    );
    assert.match(text, /x\\u001b\]0;owned\\u0007/);
  });
});
