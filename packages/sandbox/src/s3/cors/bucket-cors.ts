import { AwsError } from '../../http/aws-error.ts';
import { readXml, textOf, treesOf, type XmlTree } from '../../http/read-xml.ts';
import { element, text } from '../../http/xml.ts';
import type { CorsRule } from '../../state/access-records.ts';
import { malformedXml } from '../s3-error.ts';
import { bucketOf, onBucket, type S3Operation } from '../s3-operation.ts';
import { xmlReply } from '../s3-xml.ts';

const maxRules = 100;
const maxIdCharacters = 255;
const methods = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];

export const getBucketCors: S3Operation = {
  name: 'GetBucketCors',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:GetBucketCORS'),
  run: (request) => {
    const { name, cors } = bucketOf(request);
    if (!cors) {
      throw new AwsError(404, 'NoSuchCORSConfiguration', 'The CORS configuration does not exist', {
        fields: { BucketName: name },
      });
    }
    return xmlReply('CORSConfiguration', cors.map(ruleElement));
  },
};

export const putBucketCors: S3Operation = {
  name: 'PutBucketCors',
  body: 'document',
  needsBucket: true,
  demands: onBucket('s3:PutBucketCORS'),
  run: (request) => {
    const bucket = bucketOf(request);
    const cors = readRules(request.document);
    const { state } = request.world;
    state.commit(state.buckets.put(bucket.name, { ...bucket, cors }));
    return { status: 200 };
  },
};

export const deleteBucketCors: S3Operation = {
  name: 'DeleteBucketCors',
  body: 'none',
  needsBucket: true,
  demands: onBucket('s3:PutBucketCORS'),
  run: (request) => {
    const bucket = bucketOf(request);
    const { state } = request.world;
    state.commit(state.buckets.put(bucket.name, { ...bucket, cors: null }));
    return { status: 204 };
  },
};

function readRules(document: string): CorsRule[] {
  const tree = readXml(document, 'CORSConfiguration');
  const rules = tree ? treesOf(tree, 'CORSRule') : [];
  if (rules.length === 0) throw malformedXml();
  if (rules.length > maxRules) {
    throw invalid(`The number of CORS rules should not exceed allowed limit of ${maxRules} rules.`);
  }
  return rules.map(readRule);
}

function readRule(tree: XmlTree): CorsRule {
  const rule = {
    id: textOf(tree, 'ID') ?? null,
    allowedOrigins: textsOf(tree, 'AllowedOrigin'),
    allowedMethods: textsOf(tree, 'AllowedMethod'),
    allowedHeaders: textsOf(tree, 'AllowedHeader'),
    exposeHeaders: textsOf(tree, 'ExposeHeader'),
    maxAgeSeconds: readMaxAge(textOf(tree, 'MaxAgeSeconds')),
  };
  if (rule.allowedOrigins.length === 0 || rule.allowedMethods.length === 0) throw malformedXml();
  checkRule(rule);
  return rule;
}

function checkRule(rule: CorsRule): void {
  const id = rule.id ?? '';
  if (id.length > maxIdCharacters) {
    throw invalid(
      `The ID value can be up to ${maxIdCharacters} characters long. Invalid ID is "${id}"`,
    );
  }
  const method = rule.allowedMethods.find((name) => !methods.includes(name));
  if (method !== undefined) {
    throw invalid(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
  }
  refuseWildcards('AllowedOrigin', rule.allowedOrigins);
  refuseWildcards('AllowedHeader', rule.allowedHeaders);
  const wild = rule.exposeHeaders.find((name) => name.includes('*'));
  if (wild !== undefined) {
    throw invalid(
      `ExposeHeader "${wild}" contains wildcard. We currently do not support wildcard for ExposeHeader.`,
    );
  }
}

function refuseWildcards(name: string, values: readonly string[]): void {
  const wild = values.find((value) => value.split('*').length > 2);
  if (wild === undefined) return;
  throw invalid(`${name} "${wild}" can not have more than one wildcard.`);
}

function readMaxAge(value: string | undefined): number | null {
  if (value === undefined) return null;
  if (!/^\d{1,9}$/.test(value.trim())) throw malformedXml();
  return Number(value);
}

function textsOf(tree: XmlTree, name: string): string[] {
  return (tree[name] ?? []).filter((value) => typeof value === 'string');
}

function ruleElement(rule: CorsRule): string {
  return element('CORSRule', [
    text('ID', rule.id),
    ...rule.allowedMethods.map((value) => text('AllowedMethod', value)),
    ...rule.allowedOrigins.map((value) => text('AllowedOrigin', value)),
    ...rule.allowedHeaders.map((value) => text('AllowedHeader', value)),
    ...rule.exposeHeaders.map((value) => text('ExposeHeader', value)),
    text('MaxAgeSeconds', rule.maxAgeSeconds),
  ]);
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'InvalidRequest', message);
}
