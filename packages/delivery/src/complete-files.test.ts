import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { DeliveryTerms } from '@causeway/contract';
import { completeFiles, type FilesOwner, filesAtATime } from './complete-files.ts';
import type { JournaledUpload } from './journal.ts';

const terms = DeliveryTerms.parse({ mode: 'full', format: 'jsonl', compression: 'none' });
const run = {
  lease: { runId: 'run_1', owner: 'test', attempt: 1 },
  delivery: { ...terms, id: 'dlv_1' },
};

function filesOf(count: number): JournaledUpload[] {
  return Array.from({ length: count }, (_, fileIndex) => ({
    customerId: 'cus_1',
    kind: 'data',
    fileIndex,
    key: `file-${fileIndex}`,
    uploadId: `upload-${fileIndex}`,
    token: `token-${fileIndex}`,
    state: 'sealed',
    parts: [],
    sealed: { rows: 1, bytes: 1, sha256: '' },
    body: Buffer.from('x'),
    etag: null,
  }));
}

/** A customer's bucket, in which `act` says what comes of a write. */
function ownerOf(
  state: FilesOwner['work']['state'],
  act: (key: string, sentBefore: boolean) => Promise<void>,
): FilesOwner {
  return {
    work: { state },
    log: () => {},
    open: () => ({
      async putObject({ key, sentBefore = false }) {
        await act(key, sentBefore);
        return { etag: `etag of ${key}`, proof: 'answered' };
      },
      completeMultipartUpload: () => assert.fail('there are no uploads'),
    }),
  };
}

describe('completeFiles()', () => {
  it('writes some at a time, and tells what each has become', async () => {
    const files = filesOf(50);
    const begun: string[] = [];
    let underWay = 0;
    let most = 0;
    const owner = ownerOf('prepared', async (key, sentBefore) => {
      assert.equal(sentBefore, false);
      begun.push(key);
      most = Math.max(most, ++underWay);
      for (let turns = begun.length % 5; turns >= 0; turns--) await tick();
      underWay--;
    });
    const written: string[] = [];
    const completeUpload = async (_lease: unknown, id: string) => void written.push(id);

    const etags = await completeFiles(run, owner, files, { completeUpload });

    assert.equal(most, filesAtATime);
    assert.deepEqual(
      begun,
      files.map(({ key }) => key),
    );
    assert.deepEqual(
      [...etags],
      files.map(({ key, uploadId }) => [uploadId, `etag of ${key}`]),
    );
    assert.equal(new Set(written).size, files.length);
  });

  it('takes all that a worker which died may have sent for sent, wherever it and those before died', async () => {
    for (let death = 0; death < 60; death++) {
      const files = filesOf(30);
      const sent = new Set<string>();
      // Two die, at moments that differ, and the third writes the rest.
      for (const [life, dies] of [death, (death * 7) % 60, Number.POSITIVE_INFINITY].entries()) {
        let steps = 0;
        const step = async () => {
          if (steps++ >= dies) throw new Error('This worker is dead');
          for (let turns = (steps * (death + 3)) % 4; turns > 0; turns--) await tick();
          if (steps > dies) throw new Error('This worker is dead');
        };
        const owner = ownerOf(life === 0 ? 'prepared' : 'committing', async (key, sentBefore) => {
          await step();
          assert.ok(sentBefore || !sent.has(key), `${key} was sent before, death ${death}`);
          sent.add(key);
          await step();
        });
        const completeUpload = async (_lease: unknown, id: string, etag: string) => {
          await step();
          const index = files.findIndex(({ uploadId }) => uploadId === id);
          const file = files[index];
          if (file) files[index] = { ...file, etag, body: null };
        };
        await completeFiles(run, owner, [...files], { completeUpload }).catch((error: unknown) =>
          assert.match(String(error), /worker is dead/),
        );
      }
      assert.ok(files.every(({ etag }) => etag !== null));
    }
  });

  it('begins nothing more once one has failed, and leaves none under way', async () => {
    const ended: string[] = [];
    const refused = new Error('file-3 is refused');
    const owner = ownerOf('prepared', async (key) => {
      if (key === 'file-3') throw refused;
      for (let turns = 0; turns < 5; turns++) await tick();
      ended.push(key);
    });
    const completeUpload = async () => {};

    await assert.rejects(completeFiles(run, owner, filesOf(50), { completeUpload }), refused);

    const others = filesOf(filesAtATime).filter(({ key }) => key !== 'file-3');
    assert.deepEqual(
      ended,
      others.map(({ key }) => key),
    );
  });
});
