import type { PlacedConnection, SetupGuide } from '@causeway/contract';
import { applyJsonPatch, type JsonPatch } from '@causeway/policy';
import type { CheckDeps } from '../check/check-deps.ts';
import type { Secret } from '../secrets/secret.ts';
import type { CustomerClients } from './customer-clients.ts';
import { operator } from './sample-customer.ts';
import type { SampleIssuer, SampleIssuers } from './sample-issuers.ts';

/** Where setups stand: a sandbox with the operator's user in it, and the issuers of tokens. */
export interface Stage {
  readonly sandboxUrl: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly issuers: SampleIssuers;
}

/** A setup as it stands in a sandbox: what its administrator would see there. */
export interface Site {
  readonly stage: Stage;
  connection: PlacedConnection;
  readonly guide: SetupGuide;
  /** Of the role or the user that is let in. */
  readonly principalName: string;
  trustPolicy: object;
  permissionsPolicy: object;
  boundary: object | null;
  bucketPolicy: object | null;
  keyId: string | null;
  keyArn: string;
  /** Whoever administers the account of the bucket. */
  readonly owner: CustomerClients;
  readonly issuer: SampleIssuer | null;
  /** Access keys that were entered, as the vault holds them, by field. */
  readonly entered: Map<string, Secret<string>>;
  /** The one that was made last. */
  accessKeyId: string;
  /** What the check of it needs beside what all checks do. */
  deps: Partial<CheckDeps>;
}

/** How a document differs from the guide's: other text in its place, or a JSON patch. */
export type Difference = { readonly replace: object } | { readonly patch: JsonPatch };

/** A document of the guide as it is here. */
export function documentAt(site: Site, name: string, difference: Difference | undefined): object {
  const document = site.guide.documents.find((each) => each.name === name)?.document ?? {};
  if (!difference) return document;
  if ('replace' in difference) return fill(site, difference.replace);
  return applyJsonPatch(document, fill(site, difference.patch) as JsonPatch) as object;
}

/** Puts the connection's own values where a case names them. */
export function fill<T extends object>(site: Site, template: T): T {
  const values = valuesOf(site);
  const text = JSON.stringify(template).replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`A case names {{${name}}}, which no connection has`);
    return JSON.stringify(value).slice(1, -1);
  });
  return JSON.parse(text) as T;
}

/** Those of the guide by their names, and what follows from them. */
function valuesOf({
  connection,
  guide,
  keyArn,
  accessKeyId,
}: Site): Readonly<Record<string, string>> {
  const values = Object.fromEntries(guide.values.map(({ name, value }) => [name, value]));
  const { externalId, subject, issuer } = values;
  const account = connection.accountId ?? '';
  const provider = issuer?.replace(/^https?:\/\//, '');
  return {
    ...values,
    account,
    operatorArn: operator.principalArn,
    keyArn,
    accessKeyId,
    ...(externalId && { EXTERNALID: externalId.toUpperCase() }),
    ...(subject && { SUBJECT: subject.toUpperCase() }),
    ...(provider && {
      provider,
      providerArn: `arn:aws:iam::${account}:oidc-provider/${provider}`,
    }),
  };
}
