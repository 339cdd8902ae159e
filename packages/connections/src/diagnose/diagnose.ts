import {
  type Diagnosis,
  type DiagnosisDemand,
  type DiagnosisFix,
  type FixTarget,
  type PastedPolicies,
  type PlacedConnection,
  writeOptionsOf,
} from '@causeway/contract';
import {
  type AccessRequest,
  applyJsonPatch,
  type Change,
  type DocumentSet,
  type Edit,
  explain,
  type PolicyType,
} from '@causeway/policy';
import { type ExpectedDocuments, expectedDocuments } from '../check/expected-documents.ts';
import type { Operator } from '../operator.ts';
import { correct, type Opinion } from './correct.ts';
import { anyKey, type Demand, demandsOf } from './demands.ts';
import { exceptPrincipal } from './except-principal.ts';
import { type PastedDocument, readPasted } from './read-pasted.ts';

/**
 * Says what a customer's policies will do, without asking AWS: where they are no policies,
 * what in them will surprise, and for each thing that the connection must be able to do, or
 * nobody else may, whether it holds and the smallest change that makes it hold.
 *
 * It predicts, and a check proves: policies that nobody pasted count as the setup guide has
 * them, and what else AWS knows (organizations, settings of the bucket) is left out.
 */
export function diagnose(
  connection: PlacedConnection,
  pasted: PastedPolicies,
  operator: Operator,
): Diagnosis {
  const diagnosis = opinion(connection, pasted, operator);
  const again = (changed: PastedPolicies) => opinion(connection, changed, operator);
  return { ...diagnosis, correction: correct(pasted, diagnosis, again) };
}

function opinion(
  connection: PlacedConnection,
  pasted: PastedPolicies,
  operator: Operator,
): Opinion {
  const expected = expectedDocuments(connection, operator);
  const documents = readPasted(connection, pasted);
  // The key of the bucket, or else the one that files are written with.
  const keyArn = pasted.keyArn ?? writeOptionsOf(connection).kmsKeyArn ?? undefined;
  const { sets, assumed } = attachedSets(documents, expected, { connection, keyArn });
  const demands = demandsOf(connection, operator, keyArn)
    .filter(({ about }) => concerns(documents, about))
    .map((demand) => judge(demand, sets[demand.about], documents, expected));
  const isInsecure = demands.some(({ must, holds }) => must === 'refuse' && !holds);
  const isWhole = documents.every(({ isPolicy }) => isPolicy);
  const works = isWhole && demands.every(({ holds }) => holds);
  return {
    connectionId: connection.id,
    verdict: isInsecure ? 'insecure' : works ? 'works' : 'broken',
    documents: documents.map(({ document, index, isPolicy, findings }) => ({
      document,
      index,
      isPolicy,
      findings,
    })),
    demands,
    assumed,
  };
}

type About = Demand['about'];

/** Which of the documents say something to the question. */
const documentsFor: Readonly<Record<About, readonly FixTarget[]>> = {
  entry: ['trustPolicy'],
  objects: ['permissionsPolicy', 'bucketPolicy', 'permissionsBoundary'],
  key: ['keyPolicy', 'permissionsPolicy', 'permissionsBoundary'],
};

function concerns(documents: readonly PastedDocument[], about: About): boolean {
  return documents.some(({ document }) => documentsFor[about].includes(document));
}

function attachedSets(
  documents: readonly PastedDocument[],
  expected: ExpectedDocuments,
  { connection, keyArn }: { connection: PlacedConnection; keyArn: string | undefined },
): { readonly sets: Readonly<Record<About, DocumentSet>>; readonly assumed: readonly string[] } {
  const pasted = (document: FixTarget) =>
    documents
      .filter((given) => given.document === document && given.isPolicy)
      .map(({ name, text }) => ({ name, document: text }));
  const isPasted = (document: FixTarget) => documents.some((given) => given.document === document);
  const own = isPasted('permissionsPolicy')
    ? pasted('permissionsPolicy')
    : [{ name: 'permissions policy', document: expected['permissionsPolicy'] ?? {} }];
  const boundary = { permissionsBoundary: pasted('permissionsBoundary')[0] ?? null };
  const assumeRole = expected['assumeRolePolicy'];
  const sets = {
    entry: {
      resourcePolicy: pasted('trustPolicy')[0] ?? null,
      identityPolicies: assumeRole
        ? [{ name: "operator's policy", document: assumeEveryRole(connection) }]
        : [],
    },
    objects: {
      identityPolicies: own,
      resourcePolicy: pasted('bucketPolicy')[0] ?? null,
      ...boundary,
    },
    key: {
      identityPolicies: own,
      resourcePolicy: isPasted('keyPolicy')
        ? (pasted('keyPolicy')[0] ?? null)
        : defaultKeyPolicy(keyArn),
      ...boundary,
    },
  };
  const assumed = [
    ...(isPasted('permissionsPolicy') ? [] : ['The permissions policy is that of the setup guide']),
    ...(isPasted('bucketPolicy') ? [] : ['The bucket has no policy']),
    ...(isPasted('permissionsBoundary') ? [] : ['There is no permissions boundary']),
    ...(isPasted('keyPolicy') ? [] : ["The key's policy, if there is a key, trusts its account"]),
    'No policy of an organization refuses it',
  ];
  return { sets, assumed };
}

/** As KMS makes it: whoever a policy of the key's account allows it may use the key. */
function defaultKeyPolicy(keyArn = '') {
  const [, partition = 'aws', , , account = ''] = keyArn.split(':');
  const AWS = `arn:${partition}:iam::${account}:root`;
  const Statement = [{ Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' }];
  return keyArn === ''
    ? null
    : { name: 'key policy', document: { Version: '2012-10-17', Statement } };
}

/** Whoever asks is allowed to ask: it is the role's trust policy that is judged. */
function assumeEveryRole({ access }: PlacedConnection): object {
  const Action = access === 'web_identity' ? 'sts:AssumeRoleWithWebIdentity' : 'sts:AssumeRole';
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
}

function judge(
  { what, must, request, mend }: Demand,
  set: DocumentSet,
  documents: readonly PastedDocument[],
  expected: ExpectedDocuments,
): DiagnosisDemand {
  const explanation = explain(request, set);
  const { decision, reasons, change } = explanation;
  const because = forAnyKey(explanation.because);
  const holds = (must === 'allow') === (decision === 'allowed');
  const shared = { what, must, holds, decision, because };
  const sentences = reasons.map(({ sentence }) => forAnyKey(sentence));
  if (holds) return { ...shared, reasons: sentences, fixes: [] };
  if (must === 'refuse') {
    const text = `Replace it: "${what}" must be refused`;
    const fix = { document: mend, index: 0, text, policy: expected[mend] };
    return { ...shared, reasons: sentences, fixes: [fix] };
  }
  const fixes = fixesOf(change?.edits ?? [], documents, expected);
  const exception = change?.of === 'nothing' ? exceptPrincipal(request, set) : null;
  if (exception) return { ...shared, reasons: sentences, fixes: [exception] };
  const advice = change && fixes.length === 0 ? { advice: adviceOf(change, request) } : {};
  return { ...shared, reasons: sentences, fixes, ...advice };
}

/** A header that would satisfy a Deny is one that Causeway does not send. */
function adviceOf({ text, context }: Change, { context: asked }: AccessRequest): string {
  const isHeader = Object.keys(context).some((key) => key.startsWith('s3:x-amz-'));
  if (!isHeader) return text;
  const arn = String(asked['aws:PrincipalArn']);
  return `${text}. Causeway does not, so except it from the Deny: add "ArnNotEquals": {"aws:PrincipalArn": "${arn}"} to its Condition`;
}

/** A fix for each document, with the document as it is after all of its edits. */
function fixesOf(
  edits: readonly Edit[],
  documents: readonly PastedDocument[],
  expected: ExpectedDocuments,
): DiagnosisFix[] {
  const places = [...new Set(edits.map(({ document }) => document))];
  return places.map((place) => {
    const own = edits.filter(({ document }) => document === place);
    const patch = forAnyKey(own.flatMap((edit) => edit.patch));
    const name = own[0]?.name ?? '';
    const given = documents.find((document) => document.name === name && document.isPolicy);
    const document = given?.document ?? targetOf(own[0]);
    const before: unknown = given ? JSON.parse(given.text) : (expected[document] ?? null);
    return {
      document,
      index: given?.index ?? 0,
      text: forAnyKey(own.map(({ text }) => text).join('; ')),
      patch,
      policy: applyJsonPatch(patch[0]?.path === '' ? null : before, patch),
    };
  });
}

/** Widens a change from the key that was asked about to all under the prefix, as the question meant. */
function forAnyKey<T extends string | readonly object[]>(change: T): T {
  return JSON.parse(JSON.stringify(change).replaceAll(anyKey, '*')) as T;
}

/** What a document is that was not pasted: of the role or user, unless its type says otherwise. */
const targets: Readonly<Partial<Record<PolicyType, FixTarget>>> = {
  'role trust': 'trustPolicy',
  'resource-based': 'bucketPolicy',
  'permissions boundary': 'permissionsBoundary',
};

function targetOf(edit: Edit | undefined): FixTarget {
  return (edit && targets[edit.type]) ?? 'permissionsPolicy';
}
