import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseReceipt, receiptKey } from './receipt.ts';

describe('parseReceipt()', () => {
  const received = { state: 'received', saidAt: null, message: null };
  const at = '2026-11-22T10:00:00+01:00';
  const cases: [name: string, text: string, found: object][] = [
    ['takes an empty object for "received"', '', received],
    ['takes what says nothing for "received"', '{}', received],
    [
      'keeps what the customer says',
      JSON.stringify({ runId: 'run_1', status: 'rejected', at, message: 'No rows', more: 1 }),
      { state: 'rejected', saidAt: at, message: 'No rows' },
    ],
    [
      'refuses a receipt of another run',
      '{"runId":"run_2"}',
      { state: 'not_valid', saidAt: null, message: 'it names another run' },
    ],
    [
      'refuses a status that is none, without repeating it',
      '{"status":"\\u001b[2J"}',
      { state: 'not_valid', saidAt: null, message: '"status" does not fit' },
    ],
    [
      'refuses what is not JSON',
      'thanks!',
      { state: 'not_valid', saidAt: null, message: 'it is not JSON' },
    ],
    [
      'refuses what is no object',
      '[]',
      { state: 'not_valid', saidAt: null, message: 'it is no JSON object' },
    ],
  ];
  for (const [name, text, found] of cases) {
    it(name, () => assert.deepEqual(parseReceipt(text, 'run_1'), found));
  }

  it('keeps one line of text, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (message) => {
        const { message: kept } = parseReceipt(JSON.stringify({ message }), 'run_1');

        assert.ok(kept === null || Array.from(kept).length <= 500);
        assert.doesNotMatch(kept ?? '', /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });
});

describe('receiptKey()', () => {
  it('lies beside the manifests, below the same prefix', () => {
    assert.equal(receiptKey('acme/', 'run_1'), 'acme/_causeway/receipts/run_1');
  });
});
