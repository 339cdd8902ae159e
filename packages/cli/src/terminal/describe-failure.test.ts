import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { CausewayError } from '@causeway/contract';
import { describeFailure } from './describe-failure.ts';

const told = (error: unknown) => stripVTControlCharacters(describeFailure(error) ?? '').split('\n');

describe('describeFailure()', () => {
  it('says what was found and what to do', () => {
    const error = new CausewayError('not_found', { kind: 'run', id: 'run_1' });

    assert.deepEqual(told(error), [
      'error not_found: Cannot find run "run_1"',
      'List the runs to see which exist',
    ]);
  });

  it('says how to start a server when there is none', () => {
    const error = new CausewayError('server_unreachable', { url: 'http://x', reason: 'nobody' });

    assert.match(told(error)[1] ?? '', /npm start.*causeway dev.*--url or CAUSEWAY_URL/);
  });

  it('says where keys come from when there is none, or a wrong one', () => {
    for (const found of ['nothing', 'unknown'] as const) {
      assert.match(
        told(new CausewayError('unauthorized', { found }))[1] ?? '',
        /--api-key or CAUSEWAY_API_KEY.*causeway serve.*first start/,
      );
    }
  });

  it('shows what stands in the way of the sandbox without a stack', () => {
    const error = Object.assign(new Error('Cannot listen on port 1'), {
      code: 'port_in_use',
      hint: 'Choose another',
    });

    assert.deepEqual(told(error), ['error port_in_use: Cannot listen on port 1', 'Choose another']);
  });

  it('never lets a hostile name in a message steer the terminal', () => {
    const error = new CausewayError('object_not_found', { key: '\x1b[2J\x9b' });

    assert.doesNotMatch(told(error).join(''), /\p{Cc}/u);
  });

  it('leaves a bug to be told with its stack', () => {
    assert.equal(describeFailure(new TypeError('x is not a function')), null);
    assert.equal(describeFailure(Object.assign(new Error('ENOENT'), { code: 'ENOENT' })), null);
  });
});
