import { matchesPattern } from '../evaluate/matches-pattern.ts';
import {
  kmsActions,
  kmsCommonKeys,
  s3Actions,
  s3CommonKeys,
  stsActions,
  stsCommonKeys,
} from './action-tables.ts';

/** What AWS's Service Authorization Reference says of an action. */
export interface ActionInfo {
  /** As AWS writes it, with its service: `s3:PutObject`. */
  readonly name: string;
  readonly accessLevel: 'List' | 'Read' | 'Write' | 'Tagging' | 'Permissions management';
  /** Empty for an action that works on no resource, such as `s3:ListAllMyBuckets`. */
  readonly resourceTypes: readonly string[];
  /** Beside the global keys `aws:...`. One that ends in `*` stands for all that begin so. */
  readonly conditionKeys: readonly string[];
}

/** An action of S3, STS or KMS, in any letter case; null if there is none of this name. */
export function actionInfo(action: string): ActionInfo | null {
  const name = action.toLowerCase();
  return tableOf(serviceOf(name))?.get(name) ?? null;
}

/**
 * The actions that a pattern of a policy covers, in the order of the alphabet; null for a
 * service other than S3, STS and KMS, of which nothing is known. `*` covers those of all three.
 */
export function actionsLike(pattern: string): readonly ActionInfo[] | null {
  const wanted = pattern.toLowerCase();
  if (wanted === '*') return Object.keys(sources).flatMap((name) => actionsLike(`${name}:*`) ?? []);
  const table = tableOf(serviceOf(wanted));
  if (!table) return null;
  return [...table].filter(([name]) => matchesPattern(wanted, name)).map(([, info]) => info);
}

/**
 * The types of resources of S3 that an ARN, or a pattern for ARNs, may mean; none if it is
 * no ARN of S3. `bucket` and `object` are told apart by the slash: `arn:aws:s3:::data*` is both.
 */
export function s3ResourceTypes(pattern: string): readonly string[] {
  if (/^\*+$/.test(pattern)) return [...s3Types];
  const parts = /^arn:[^:]*:s3:([^:]*):([^:]*):(.+)$/s.exec(pattern);
  if (!parts) return [];
  const [, region = '', account = '', name = ''] = parts;
  if (/[^*]/.test(region + account))
    return s3Types.filter((type) => !/^(bucket|object)$/.test(type));
  const slash = name.indexOf('/');
  const star = name.indexOf('*');
  if (slash >= 0 && (star < 0 || slash < star)) return ['object'];
  return star < 0 ? ['bucket'] : ['bucket', 'object'];
}

interface Source {
  readonly lines: string;
  readonly commonKeys: readonly string[];
}

const sources: Readonly<Record<string, Source>> = {
  s3: { lines: s3Actions, commonKeys: s3CommonKeys },
  sts: { lines: stsActions, commonKeys: stsCommonKeys },
  kms: { lines: kmsActions, commonKeys: kmsCommonKeys },
};

const s3Types: readonly string[] = [
  'accessgrant',
  'accessgrantsinstance',
  'accessgrantslocation',
  'accesspoint',
  'accesspointobject',
  'bucket',
  'job',
  'multiregionaccesspoint',
  'multiregionaccesspointrequestarn',
  'object',
  'objectlambdaaccesspoint',
  'storagelensconfiguration',
  'storagelensgroup',
];

type Table = ReadonlyMap<string, ActionInfo>;

/** Read on first use: a program that never asks does not pay for the tables. */
const read = new Map<string, Table>();

function tableOf(service: string): Table | null {
  const known = read.get(service);
  if (known) return known;
  const source = Object.hasOwn(sources, service) ? sources[service] : undefined;
  if (!source) return null;
  const table = readTable(service, source);
  read.set(service, table);
  return table;
}

function readTable(service: string, { lines, commonKeys }: Source): Table {
  const infos = lines
    .trim()
    .split('\n')
    .map((line): ActionInfo => {
      const [action = '', level = '', types = '', ...keys] = line.split(' ');
      return {
        name: `${service}:${action}`,
        accessLevel: levels[level] ?? 'Write',
        resourceTypes: types === '-' ? [] : types.split(','),
        conditionKeys: keys.flatMap((key) => (key === '@' ? commonKeys : [key])),
      };
    });
  return new Map(infos.map((info) => [info.name.toLowerCase(), info]));
}

const levels: Readonly<Record<string, ActionInfo['accessLevel']>> = {
  List: 'List',
  Read: 'Read',
  Write: 'Write',
  Tagging: 'Tagging',
  Permissionsmanagement: 'Permissions management',
};

function serviceOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf(':')));
}
