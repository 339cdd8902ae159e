import {
  type AccessDocument,
  type AccessInput,
  accessDocuments,
  type CorsConfiguration,
  type LifecycleConfiguration,
  type Merged,
  mergeBucketPolicy,
  mergeCors,
  mergeKeyPolicy,
  mergeLifecycle,
  type PolicyDocument,
} from '@causeway/policy';
import { readInput } from '../read-input.ts';
import { style } from '../terminal/style.ts';
import { printable, toJson } from '../terminal/table.ts';

export interface GenerateOptions {
  /** Only this one, as the JSON alone. */
  readonly document?: string;
  /** A file with what is there already. */
  readonly mergeInto?: string;
  readonly json?: boolean;
}

/** Prints the documents of an access: for people, as JSON, or one of them alone. */
export async function runGenerate(input: AccessInput, options: GenerateOptions): Promise<void> {
  const documents = accessDocuments(input);
  if (options.document === undefined) {
    console.log(options.json ? toJson(documents) : documents.map(show).join('\n\n'));
    return;
  }
  const found = documents.find(({ name }) => name === options.document);
  if (!found) {
    const names = documents.map(({ name }) => name).join(', ');
    throw new UnknownDocument(`there is no "${options.document}" here, only ${names}`);
  }
  if (options.mergeInto === undefined) {
    console.log(toJson(found.document));
    return;
  }
  const merge = mergerOf(found);
  const merged = merge(await readInput(options.mergeInto));
  console.log(options.json ? toJson(merged) : merged.text);
  console.error(printable(report(merged)));
}

/** The command line asks for a document that the access does not have. */
export class UnknownDocument extends Error {}

function show({ name, side, purpose, document }: AccessDocument): string {
  return `${style('bold', name)} (${side}): ${purpose}\n${toJson(document)}`;
}

type Merge = (existing: string) => Merged;

/** How a document is added to what is there, for those that are not Causeway's alone. */
function mergerOf({ name, document }: AccessDocument): Merge {
  switch (name) {
    case 'bucketPolicy':
      return (existing) => mergeBucketPolicy(existing, document as PolicyDocument);
    case 'keyPolicy':
      return (existing) => mergeKeyPolicy(existing, document as PolicyDocument);
    case 'cors':
      return (existing) => mergeCors(existing, document as CorsConfiguration);
    case 'lifecycle':
      return (existing) => mergeLifecycle(existing, document as LifecycleConfiguration);
    default:
      throw new UnknownDocument(
        `"${name}" belongs to Causeway alone: only bucketPolicy, keyPolicy, cors and lifecycle are merged`,
      );
  }
}

function report({ added, replaced, unchanged }: Merged): string {
  const parts = Object.entries({ added, replaced, unchanged })
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what} ${names.join(', ')}`);
  return parts.join('; ');
}
