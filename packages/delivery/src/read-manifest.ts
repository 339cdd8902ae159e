import {
  CausewayError,
  type Manifest,
  manifestVersion,
  ReceivedManifest,
} from '@causeway/contract';
import type { ObjectReader } from '@causeway/objectstore';

/** A manifest as it was found. */
export interface FoundManifest {
  /** What this version knows of it. */
  readonly manifest: ReceivedManifest;
  /** All of it, which is what was signed. */
  readonly document: Pick<Manifest, 'signature'>;
}

/**
 * Reads a manifest, also one of a newer sender's that has members which are not known here.
 *
 * @throws CausewayError `manifest_not_found`, `manifest_invalid`,
 * `manifest_version_not_supported`, or what the reader throws.
 */
export async function readManifest(reader: ObjectReader, key: string): Promise<FoundManifest> {
  const document = parseJson(key, await readText(reader, key));
  const version = versionOf(document);
  if (version !== undefined && version !== manifestVersion) {
    const supported = manifestVersion;
    throw new CausewayError('manifest_version_not_supported', { key, version, supported });
  }
  const parsed = ReceivedManifest.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const reason = `"${issue?.path.join('.') ?? ''}" ${issue?.message ?? 'does not fit'}`;
    throw new CausewayError('manifest_invalid', { key, reason });
  }
  return { manifest: parsed.data, document: document as FoundManifest['document'] };
}

async function readText(reader: ObjectReader, key: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of await reader.getObject(key)) chunks.push(Buffer.from(chunk));
  } catch (cause) {
    if (!CausewayError.is(cause, 'object_not_found')) throw cause;
    throw new CausewayError('manifest_not_found', { where: `${reader.name}/${key}` }, { cause });
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CausewayError('manifest_invalid', { key, reason: 'it is not JSON' }, { cause });
  }
}

function versionOf(document: unknown): number | undefined {
  if (typeof document !== 'object' || document === null || !('version' in document)) return;
  return Number.isInteger(document.version) ? Number(document.version) : undefined;
}
