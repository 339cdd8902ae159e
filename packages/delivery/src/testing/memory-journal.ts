import type { UploadedPart } from '@causeway/objectstore';
import type {
  JournaledUpload,
  OpenUpload,
  RecipientChange,
  RunJournal,
  RunWork,
} from '../journal.ts';

/** A journal for the one run of a test, with nobody who could take it over. */
export interface MemoryJournal extends RunJournal {
  readonly stateOf: (customerId: string) => RecipientChange['state'];
}

export function memoryJournal(work: RunWork): MemoryJournal {
  const states = new Map<string, RecipientChange['state']>();
  const uploads = new Map<string, { -readonly [K in keyof JournaledUpload]: JournaledUpload[K] }>();
  const ofUpload = (uploadId: string) => {
    const upload = uploads.get(uploadId);
    if (!upload) throw new Error(`The journal knows no upload "${uploadId}"`);
    return upload;
  };
  return {
    stateOf: (customerId) => states.get(customerId),
    takeRun: async () => work,
    renewLease: async () => ({ cancelRequested: false }),
    releaseRun: async () => {},
    nextRun: async () => null,
    async updateRecipient(_lease, customerId, { state }) {
      if (state) states.set(customerId, state);
    },
    async openUpload(_lease, upload: OpenUpload) {
      uploads.set(upload.uploadId, {
        ...upload,
        state: 'open',
        parts: [],
        sealed: null,
        body: null,
        etag: null,
      });
    },
    async recordPart(_lease, uploadId, part: UploadedPart) {
      const upload = ofUpload(uploadId);
      upload.parts = [...upload.parts, part];
    },
    async sealUpload(_lease, uploadId, sealed) {
      Object.assign(ofUpload(uploadId), { sealed, state: 'sealed' });
    },
    async keepFile(_lease, { rows, bytes, sha256, ...file }) {
      const sealed = { rows, bytes, sha256 };
      const kept = { ...file, uploadId: file.token, parts: [], sealed, etag: null };
      uploads.set(file.token, { ...kept, state: 'sealed' });
    },
    dropUpload: async (_lease, uploadId) => void uploads.delete(uploadId),
    async beginCommit(_lease, customerId, now) {
      states.set(customerId, 'committing');
      return { sequence: 1, previousRunId: null, committedAt: now };
    },
    uploadsOf: async (_lease, customerId) =>
      [...uploads.values()].filter((upload) => upload.customerId === customerId),
    async completeUpload(_lease, uploadId, etag) {
      Object.assign(ofUpload(uploadId), { etag, state: 'completed', body: null });
    },
    recordManifest: async () => {},
    fixSchema: async () => {},
    replacedFiles: async () => [],
    lookbacks: async () => new Map(),
    knownRows: async () => [],
    forgetRows: async () => {},
    rememberRows: async () => {},
    dropLeft: async () => {},
    recordRemoved: async () => {},
    keysToForget: async () => null,
    finishRun: async () => {},
  };
}
