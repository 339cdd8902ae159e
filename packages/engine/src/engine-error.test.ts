import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { toCausewayError } from './engine-error.ts';
import { ChildFailure } from './start-child.ts';

describe('toCausewayError()', () => {
  const place = {
    folder: '/data/jobs/engine-1-2-abc',
    files: [{ name: 'source', label: '/srv/flights.parquet' }],
    spillLimitMb: 32_768,
  };
  const messageOf = (reason: string) => {
    const error = toCausewayError(new ChildFailure({ code: 'engine_failed', reason }), place);
    assert.ok(CausewayError.is(error, 'engine_failed'));
    return error.details.reason;
  };

  it('names the source as its owner does, and no other place on this machine', () => {
    assert.equal(
      messageOf(`No magic bytes found at end of file 'source'`),
      'No magic bytes found at end of file "/srv/flights.parquet"',
    );
    assert.equal(
      messageOf('Cannot open file "/data/jobs/engine-1-2-abc/source": gone'),
      'Cannot open file "/srv/flights.parquet": gone',
    );
    assert.equal(
      messageOf('Could not write "/data/jobs/engine-1-2-abc/out/data_0.parquet", nor /etc/passwd'),
      'Could not write "out/data_0.parquet", nor <path>',
    );
    assert.equal(messageOf('1/2 of it, and a/b'), '1/2 of it, and a/b');
  });

  it('says that the disk is full', () => {
    const reason = 'IO Error: Could not write "x": No space left on device';

    const error = toCausewayError(new ChildFailure({ code: 'engine_failed', reason }), place);

    assert.ok(CausewayError.is(error, 'disk_full'));
    assert.match(error.hint, /^Free space on the disk/);
    const quoted = `Conversion Error: Could not convert string "ENOSPC: No space left on device" to INT32`;
    assert.equal(messageOf(quoted), quoted);
  });

  it('says whether what is sorted takes all of the disk, or all that a job may have', () => {
    const limitOf = (used: string) => {
      const reason = `Out of Memory Error: failed to offload data block of size 256.0 KiB (${used}/${used} used).\nThis limit was set by the 'max_temp_directory_size' setting.`;
      const error = toCausewayError(new ChildFailure({ code: 'engine_failed', reason }), place);
      assert.ok(CausewayError.is(error, 'disk_full'));
      return error.details.limitMb;
    };

    assert.equal(limitOf('3.5 MiB'), undefined);
    assert.equal(limitOf('31.0 GiB'), undefined);
    assert.equal(limitOf('32.0 GiB'), 32_768);
  });

  it('leaves alone what is no answer of the child', () => {
    const reason = new Error('aborted');

    assert.equal(toCausewayError(reason, place), reason);
  });
});
