import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { addFileFormOptions, type FileFormOptions, fileFormOf } from './file-form-options.ts';

function sent(isChange: boolean, ...args: string[]) {
  const command = addFileFormOptions(new Command('create'), { isChange });
  return fileFormOf(command.parse(args, { from: 'user' }).opts<FileFormOptions>());
}

describe('fileFormOf()', () => {
  it('asks for a file for each record, or for that no more, only where it was said', () => {
    assert.deepEqual(sent(false), { format: 'parquet' });
    assert.deepEqual(sent(false, '--format', 'json', '--file-per-record'), {
      format: 'json',
      filePerRecord: true,
    });
    assert.deepEqual(sent(true, '--no-file-per-record'), { filePerRecord: false });
    assert.deepEqual(sent(true, '--file-size', '2'), { targetFileBytes: 2_097_152 });
  });
});
