import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { eventTypes } from './events.ts';

describe('docs/webhooks.md', () => {
  it('names every type of event, and none that there is not', async () => {
    const page = await readFile(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8');
    const table = page.split('\n').filter((line) => line.startsWith('| '));
    const named: string[] = [];
    for (const [, name = ''] of table.join().matchAll(/`((?:[a-z_]+)?\.[a-z_]+)`/g)) {
      const [subject] = named.at(-1)?.split('.') ?? [];
      named.push(name.startsWith('.') ? `${subject}${name}` : name);
    }

    assert.deepEqual(named.toSorted(), eventTypes.toSorted());
  });
});
