import { createHash } from 'node:crypto';
import { CausewayError, type ReceiptBody } from '@causeway/contract';
import { parseManifestKey, readManifest, receiptKey } from '@causeway/delivery';
import { printable, toJson } from '../terminal/table.ts';
import { openReceiverBucket, type ReceiverOptions } from './receiver-bucket.ts';

export interface ReceiptOptions extends ReceiverOptions {
  readonly status: 'received' | 'rejected';
  readonly message?: string;
  readonly json?: boolean;
}

/**
 * Tells the sender what became of a delivery, by an object in the bucket that it lies in.
 * Create-only: what was said once is not said otherwise.
 *
 * @throws CausewayError `invalid_request` for what is no manifest's address; `object_exists`
 * when another receipt is there; as `readManifest`.
 */
export async function runReceipt(address: string, options: ReceiptOptions): Promise<void> {
  const place = address.startsWith('s3://') ? parseManifestKey(address) : null;
  if (!place) {
    const message = 'must be the s3:// address of a manifest';
    throw new CausewayError('invalid_request', { issues: [{ path: '<manifest>', message }] });
  }
  const { store, key: manifestKey } = await openReceiverBucket(address, options);
  try {
    const { manifest } = await readManifest(store, manifestKey);
    const { runId } = manifest;
    if (runId !== place.runId) {
      throw new CausewayError('manifest_invalid', {
        key: manifestKey,
        reason: 'it is of another run',
      });
    }
    const key = receiptKey(parseManifestKey(manifestKey)?.prefix ?? '', runId);
    const { status, message } = options;
    const receipt: ReceiptBody = { runId, status, ...(message !== undefined && { message }) };
    const body = Buffer.from(`${JSON.stringify(receipt)}\n`);
    const token = createHash('sha256').update(body).digest('hex').slice(0, 32);
    await store.putObject({ key, body, contentType: 'application/json', token });
    if (options.json) console.log(toJson({ ...receipt, key }));
    else console.log(`${status}: ${printable(`${store.name}/${key}`)}`);
  } finally {
    store.close();
  }
}
