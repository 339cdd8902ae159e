import type {
  DiagnosisFinding,
  FixTarget,
  PastedPolicies,
  PlacedConnection,
} from '@causeway/contract';
import { type LintContext, lint, type PolicyKind } from '@causeway/policy';

/** A document as it was pasted, and what is wrong with it by itself. */
export interface PastedDocument {
  readonly document: FixTarget;
  /** Which of several, from 0. */
  readonly index: number;
  /** As sentences call it. */
  readonly name: string;
  readonly text: string;
  readonly isPolicy: boolean;
  readonly findings: readonly DiagnosisFinding[];
}

interface Place {
  readonly document: FixTarget;
  readonly kind: PolicyKind;
  readonly name: string;
  readonly texts: readonly string[];
}

/** Reads what was pasted. What is no policy is reported, with line and column, and never thrown. */
export function readPasted(connection: PlacedConnection, pasted: PastedPolicies): PastedDocument[] {
  const one = (text: string | undefined) => (text === undefined ? [] : [text]);
  const places: readonly Place[] = [
    {
      document: 'trustPolicy',
      kind: 'trust',
      name: 'trust policy',
      texts: one(pasted.trustPolicy),
    },
    {
      document: 'permissionsPolicy',
      kind: 'identity',
      name: 'permissions policy',
      texts: pasted.permissionsPolicies ?? [],
    },
    {
      document: 'bucketPolicy',
      kind: 'resource',
      name: 'bucket policy',
      texts: one(pasted.bucketPolicy),
    },
    { document: 'keyPolicy', kind: 'key', name: 'key policy', texts: one(pasted.keyPolicy) },
    {
      document: 'permissionsBoundary',
      kind: 'boundary',
      name: 'permissions boundary',
      texts: one(pasted.permissionsBoundary),
    },
  ];
  const context = lintContext(connection, pasted);
  return places.flatMap(({ document, kind, name, texts }) =>
    texts.map((text, index) => {
      const numbered = texts.length > 1 ? `${name} ${index + 1}` : name;
      const findings = lint(text, { type: kind, name: numbered, context });
      const isPolicy = findings.every(({ code }) => code !== 'not_a_policy');
      return { document, index, name: numbered, text, isPolicy, findings };
    }),
  );
}

function lintContext(connection: PlacedConnection, { keyArn }: PastedPolicies): LintContext {
  const { bucket, prefix, accountId, capabilities } = connection;
  const [capability, ...others] = capabilities;
  return {
    bucket,
    prefix,
    ...('externalId' in connection && { externalId: connection.externalId }),
    ...(keyArn !== undefined && { kmsKeyArn: keyArn }),
    ...(capability !== undefined && others.length === 0 && { capability }),
    ...(accountId !== null && { accountId }),
  };
}
