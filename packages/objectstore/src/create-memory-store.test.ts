import { describeObjectStore } from './conformance.ts';
import { createMemoryStore } from './create-memory-store.ts';

describeObjectStore('createMemoryStore()', async () => ({
  store: createMemoryStore(),
  close: async () => undefined,
}));
