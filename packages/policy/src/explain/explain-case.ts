import { evaluateCase, readRequest } from '../evaluate/evaluate-case.ts';
import { readS3Settings } from '../evaluate/read-s3-settings.ts';
import { type Given, items, readObject } from '../parse/case-json.ts';
import { explain } from './explain.ts';
import type { Explanation, NamedDocument } from './explanation.ts';

/**
 * Explains a case in JSON, as `causeway policy explain` reads it: the same case that
 * {@link evaluateCase} decides. A patch in the answer fits the document at its place in the case.
 *
 * @throws PolicySyntaxError if the case or a policy in it is malformed.
 */
export function explainCase(json: unknown): Explanation {
  // Refuses whatever is not a case; below, every document is known to be one.
  evaluateCase(json);
  const given = readObject(json, '', null);
  return explain(readRequest(given['request']), {
    identityPolicies: readList(given, 'identityPolicies'),
    resourcePolicy: readOne(given, 'resourcePolicy'),
    sessionPolicies: readList(given, 'sessionPolicies'),
    permissionsBoundary: readOne(given, 'permissionsBoundary'),
    serviceControlPolicies: readLevels(given, 'serviceControlPolicies'),
    resourceControlPolicies: readLevels(given, 'resourceControlPolicies'),
    vpcEndpointPolicies: readList(given, 'vpcEndpointPolicies'),
    ...readS3Settings(given['s3']),
  });
}

function readOne(given: Given, path: string): NamedDocument | null {
  const document = given[path];
  return document === undefined || document === null ? null : named(document, path);
}

function readList(given: Given, path: string): NamedDocument[] {
  return items(given[path], path).map((document, index) => named(document, `${path}[${index}]`));
}

function readLevels(given: Given, path: string): NamedDocument[][] {
  return items(given[path], path).map((level, outer) =>
    items(level, path).map((document, inner) => named(document, `${path}[${outer}][${inner}]`)),
  );
}

function named(document: unknown, name: string): NamedDocument {
  return { name, document: document as NamedDocument['document'] };
}
