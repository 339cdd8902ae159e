import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from './errors.ts';
import { explainFullDisk } from './explain-full-disk.ts';

const failure = (more: object) => Object.assign(new Error('it failed'), more);

describe('explainFullDisk()', () => {
  it('explains what the file system says, and a program that was run', () => {
    const found = [
      failure({ code: 'ENOSPC' }),
      failure({ code: 'EDQUOT' }),
      failure({ code: 1, stderr: "mkfifo: cannot create fifo 'x': No space left on device\n" }),
    ];

    for (const error of found) {
      const explained = explainFullDisk(error, 'rows');
      assert.ok(CausewayError.is(explained, 'disk_full'));
      assert.equal(explained.cause, error);
      assert.equal(explained.message, 'Cannot set aside rows: the disk is full');
    }
  });

  it('leaves alone what is said of another disk, or of something else', () => {
    const ofServer = failure({ code: '53100', message: 'No space left on device' });
    const explained = new CausewayError('store_refused', {
      operation: 's3:PutObject',
      code: 'ENOSPC',
      reason: 'No space left on device',
    });
    for (const error of [ofServer, explained, failure({ code: 'ENOENT' }), failure({}), 'ENOSPC']) {
      assert.equal(explainFullDisk(error, 'rows'), error);
    }
  });
});
