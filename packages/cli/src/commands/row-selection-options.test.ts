import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import {
  addRowSelectionOptions,
  describeSelection,
  type RowSelectionOptions,
  rowSelectionOf,
} from './row-selection-options.ts';

describe('rowSelectionOf()', () => {
  const sent = (...args: string[]) => {
    const command = addRowSelectionOptions(new Command('create'))
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    command.parse(args, { from: 'user' });
    return rowSelectionOf(command.opts<RowSelectionOptions>());
  };

  it('sends conditions as they were given, and what was not given not at all', () => {
    assert.deepEqual(sent(), {});
    assert.deepEqual(
      sent('--where', 'left at is_null', '--where', 'plan in free,pro', '--match', 'any'),
      {
        filter: {
          match: 'any',
          conditions: [
            { column: 'left at', operator: 'is_null' },
            { column: 'plan', operator: 'in', value: ['free', 'pro'] },
          ],
        },
      },
    );
    assert.deepEqual(sent('--columns', 'id', 'plan', '--where', 'note contains  a less b'), {
      columns: ['id', 'plan'],
      filter: {
        match: 'all',
        conditions: [{ column: 'note', operator: 'contains', value: ' a less b' }],
      },
    });
  });

  it('refuses what is no condition', () => {
    for (const text of ['seats', 'seats bigger 3', 'seats greater', 'left_at is_null now']) {
      assert.throws(() => sent('--where', text), { code: 'commander.invalidArgument' }, text);
    }
  });

  it('shows a selection as it was given', () => {
    const { filter = null } = sent('--where', 'plan in free,pro', '--where', 'left_at is_null');

    assert.deepEqual(describeSelection({ filter, columns: ['id', 'plan'] }), {
      columns: 'id, plan',
      rows: 'plan in free,pro and left_at is_null',
    });
  });
});
