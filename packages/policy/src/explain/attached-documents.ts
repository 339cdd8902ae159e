import type { Policy, PolicyKind, PolicySet, PolicyType, S3Settings } from '../model.ts';
import { parsePolicy } from '../parse/parse-policy.ts';
import type { DocumentSet, Edit, NamedDocument } from './explanation.ts';
import { applyJsonPatch } from './json-patch.ts';

/** A document where it is attached; also an empty place that one could be attached to. */
export interface Attached {
  /** Its place in a case, such as `identityPolicies[0]`. */
  readonly path: string;
  readonly list: DocumentList;
  /** Which level of the organization, from 0. */
  readonly level: number;
  readonly kind: PolicyKind;
  readonly type: PolicyType;
  readonly name: string;
  /** The document, read; null where there is none. */
  readonly json: unknown;
  readonly policy: Policy | null;
}

/** Everything that is attached for a request, and the settings beside. */
export interface Attachments {
  readonly documents: readonly Attached[];
  readonly s3: S3Settings | undefined;
}

type DocumentList = Exclude<keyof DocumentSet, 's3'>;

/**
 * Reads every document of a set. Each place that has none and whose absence can refuse
 * a request is there too, without a policy: a new document would be put into it.
 *
 * @throws PolicySyntaxError
 */
export function attach(set: DocumentSet, resource: 'resource' | 'trust' | 'key'): Attachments {
  const documents = [
    ...listed('identityPolicies', set.identityPolicies, 'identity', 'identity-based'),
    vacant(`identityPolicies[${set.identityPolicies?.length ?? 0}]`, 'identityPolicies', {
      kind: 'identity',
      type: 'identity-based',
    }),
    ...single('resourcePolicy', set.resourcePolicy, {
      kind: resource,
      type: resource === 'trust' ? 'role trust' : 'resource-based',
    }),
    ...listed('sessionPolicies', set.sessionPolicies, 'session', 'session'),
    ...single('permissionsBoundary', set.permissionsBoundary, {
      kind: 'boundary',
      type: 'permissions boundary',
    }).filter(({ policy }) => policy !== null),
    ...layered('serviceControlPolicies', set.serviceControlPolicies, {
      kind: 'service-control',
      type: 'service control',
    }),
    ...layered('resourceControlPolicies', set.resourceControlPolicies, {
      kind: 'resource-control',
      type: 'resource control',
    }),
    ...listed('vpcEndpointPolicies', set.vpcEndpointPolicies, 'endpoint', 'VPC endpoint'),
  ];
  return { documents, s3: set.s3 };
}

/** The policies as `evaluate` takes them. */
export function policySetOf({ documents, s3 }: Attachments): PolicySet {
  const at = (list: DocumentList): Policy[] =>
    documents.flatMap((given) => (given.list === list && given.policy ? [given.policy] : []));
  const levels = (list: DocumentList): Policy[][] => {
    const own = documents.filter((given) => given.list === list);
    const count = Math.max(0, ...own.map(({ level }) => level + 1));
    return Array.from({ length: count }, (_, level) =>
      own.flatMap((given) => (given.level === level && given.policy ? [given.policy] : [])),
    );
  };
  return {
    identityPolicies: at('identityPolicies'),
    resourcePolicy: at('resourcePolicy')[0] ?? null,
    sessionPolicies: at('sessionPolicies'),
    permissionsBoundary: at('permissionsBoundary')[0] ?? null,
    serviceControlPolicies: levels('serviceControlPolicies'),
    resourceControlPolicies: levels('resourceControlPolicies'),
    vpcEndpointPolicies: at('vpcEndpointPolicies'),
    ...(s3 ? { s3 } : {}),
  };
}

/**
 * The attachments with one document changed.
 *
 * @throws PolicySyntaxError if AWS would not accept the document as changed
 */
export function applyEdit(attachments: Attachments, edit: Edit): Attachments {
  const documents = attachments.documents.map((given) => {
    if (given.path !== edit.document) return given;
    const json = applyJsonPatch(given.json, edit.patch);
    // A document without a statement is not one: its only statement was taken out.
    if (typeof json !== 'object' || json === null) return { ...given, json: null, policy: null };
    return { ...given, json, policy: parsePolicy(json, { name: given.name, type: given.kind }) };
  });
  return { ...attachments, documents };
}

type Type = Pick<Attached, 'kind' | 'type'>;

function listed(
  list: DocumentList,
  given: readonly NamedDocument[] | undefined,
  kind: PolicyKind,
  type: PolicyType,
): Attached[] {
  return (given ?? []).map((document, index) =>
    open(document, `${list}[${index}]`, list, { kind, type }),
  );
}

function single(
  list: DocumentList,
  given: NamedDocument | null | undefined,
  type: Type,
): Attached[] {
  return [given ? open(given, list, list, type) : vacant(list, list, type)];
}

function layered(
  list: DocumentList,
  given: readonly (readonly NamedDocument[])[] | undefined,
  type: Type,
): Attached[] {
  return (given ?? []).flatMap((documents, level) => {
    const place = `${list}[${level}]`;
    if (documents.length === 0) return [{ ...vacant(`${place}[0]`, list, type), level }];
    return documents.map((document, index) => ({
      ...open(document, `${place}[${index}]`, list, type),
      level,
    }));
  });
}

function open(given: NamedDocument, path: string, list: DocumentList, type: Type): Attached {
  const { name, document } = given;
  const policy = parsePolicy(document, { name, type: type.kind });
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  return { ...vacant(path, list, type), name, json, policy };
}

function vacant(path: string, list: DocumentList, type: Type): Attached {
  return { path, list, level: 0, ...type, name: path, json: null, policy: null };
}
