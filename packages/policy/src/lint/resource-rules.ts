import { actionInfo, actionsLike, s3ResourceTypes } from '../actions/action-info.ts';
import { matchesPattern } from '../evaluate/matches-pattern.ts';
import { type JsonPatch, jsonPointer } from '../explain/json-patch.ts';
import { literalPattern } from '../generate/pattern-text.ts';
import { addValue } from '../generate/statement-json.ts';
import {
  allowsOf,
  type LintDocument,
  type LintStatement,
  namedActions,
  type Placed,
  quoted,
  s3Name,
} from './lint-document.ts';
import type { Hit, LintRule } from './lint-rule.ts';

/** What a statement is about: action and resource must fit each other, and no more than meant. */
export const resourceRules: readonly LintRule[] = [
  {
    code: 'object_action_on_bucket',
    severity: 'error',
    finds: 'an action on objects, and only the ARN of the bucket as resource',
    reason:
      'Objects have ARNs of their own, `arn:aws:s3:::bucket/key`: the ARN of the bucket does not stand for what is in it, so the statement never applies to this action',
    check: (document) => misfits(document, 'object', 'bucket'),
  },
  {
    code: 'bucket_action_on_object',
    severity: 'error',
    finds: 'an action on buckets, and only ARNs of objects as resource',
    reason:
      'Listing and the settings of a bucket are checked against the ARN of the bucket itself, without a slash, so the statement never applies to this action',
    check: (document) => misfits(document, 'bucket', 'object'),
  },
  {
    code: 'action_without_resource',
    severity: 'error',
    finds: 'an action that works on no resource, and a resource other than "*"',
    reason:
      'Such an action, s3:ListAllMyBuckets for example, is checked against the resource "*", which no ARN matches, so the statement never applies to it',
    check: withoutResource,
  },
  {
    code: 'prefix_without_slash',
    severity: 'warning',
    finds: 'a prefix that ends in letters and a star',
    reason:
      'A star also stands for more letters: "reports*" covers "reports-internal/" as well as "reports/"',
    check: withoutSlash,
  },
  {
    code: 'all_resources',
    severity: 'warning',
    finds: 'an Allow of S3 on every bucket',
    reason: 'It reaches every bucket of the account, those of tomorrow too',
    kinds: ['identity', 'session'],
    check: onEverything,
  },
  {
    code: 'allow_not_resource',
    severity: 'error',
    finds: '"Allow" with "NotResource"',
    reason: 'It allows the actions on everything else, in every bucket and account, now and later',
    check: (document) =>
      allowsOf(document).flatMap((each): Hit[] =>
        each.statement.resource?.not
          ? [
              {
                at: each.resources[0]?.at ?? each.at,
                statement: each,
                message: `everything but ${quoted(each.statement.resource.patterns)} is allowed`,
                fix: 'Name what is allowed in "Resource", and put what is not into a Deny',
              },
            ]
          : [],
      ),
  },
  {
    code: 'other_bucket',
    severity: 'error',
    finds: 'no statement about the bucket that the document is for',
    reason: 'What the document allows, it allows elsewhere',
    check: aboutOtherBucket,
  },
  {
    code: 'prefix_not_covered',
    severity: 'error',
    finds: 'no statement about objects under the prefix that the document is for',
    reason: 'Causeway reads and writes under its prefix and nowhere else',
    check: aboutOtherPrefix,
  },
];

function misfits(document: LintDocument, wanted: string, given: string): Hit[] {
  return document.statements.flatMap((each) => {
    const { statement, resources } = each;
    if (statement.action.not || !statement.resource || statement.resource.not) return [];
    const types = new Set(resources.flatMap(({ value }) => s3ResourceTypes(value)));
    if (types.has(wanted) || !types.has(given)) return [];
    return each.actions.flatMap((action): Hit[] => {
      const infos = actionsLike(action.value) ?? [];
      const isMeant =
        infos.length > 0 &&
        infos.every(
          ({ resourceTypes }) => resourceTypes.includes(wanted) && !resourceTypes.includes(given),
        );
      if (!isMeant) return [];
      const better = fitting(document, resources, wanted);
      return [
        {
          at: action.at,
          statement: each,
          message: `"${action.value}" works on ${wanted}s, and the statement names only ${quoted(resources.map(({ value }) => value))}`,
          fix: better
            ? `Write "${better}" as the Resource of a statement for this action`
            : `Name a ${wanted} in the Resource of a statement for this action`,
          patch: better ? fitPatch(each, given, better) : null,
        },
      ];
    });
  });
}

/** The ARN that was probably meant. */
function fitting(
  { context }: LintDocument,
  resources: readonly Placed[],
  wanted: string,
): string | null {
  const arn = resources.find(({ value }) => s3Name(value))?.value;
  if (arn === undefined) return null;
  const bucket = arn.split('/')[0] ?? arn;
  if (wanted === 'bucket') return /[*?]/.test(bucket) ? null : bucket;
  return `${bucket}/${literalPattern(context.prefix ?? '')}*`;
}

/** Replaces the one resource if every action asks for it; adds the fitting one otherwise. */
function fitPatch(each: LintStatement, given: string, better: string): JsonPatch {
  const fits = namedActions(each).some(({ resourceTypes }) => resourceTypes.includes(given));
  if (fits || each.resources.length > 1) return addValue(each.raw, ['Resource'], better);
  const path = jsonPointer([...each.raw.steps, 'Resource']);
  return [{ op: 'replace', path, value: better }];
}

function withoutResource(document: LintDocument): Hit[] {
  return document.statements.flatMap((each) => {
    const { resource, action } = each.statement;
    if (!resource || resource.not || action.not || resource.patterns.includes('*')) return [];
    return each.actions.flatMap(({ at, value }): Hit[] => {
      const info = actionInfo(value);
      if (info?.resourceTypes.length !== 0) return [];
      const message = `"${info.name}" works on no resource, and the statement names ${quoted(resource.patterns)}`;
      const fix = `Give ${info.name} a statement of its own with "Resource": "*"`;
      return [{ at, statement: each, message, fix }];
    });
  });
}

/** Letters before the star, as opposed to `dt=*`, `part-*` or `*.csv`. */
const openPrefix = /^[^*?]*[^*?/=._-]\*$/;

function withoutSlash(document: LintDocument): Hit[] {
  return allowsOf(document).flatMap((each) =>
    each.statement.resource?.not
      ? []
      : each.resources.flatMap((resource, index): Hit[] => {
          const name = s3Name(resource.value);
          const bare = name?.key?.replace(/\$\{[^}]*\}/g, 'x');
          if (!bare || !openPrefix.test(bare)) return [];
          const better = `${resource.value.slice(0, -1)}/*`;
          const example = `${name?.key?.slice(0, -1)}-internal/x`;
          const list = Array.isArray(each.raw.json['Resource']) ? [index] : [];
          const path = jsonPointer([...each.raw.steps, 'Resource', ...list]);
          return [
            {
              at: resource.at,
              statement: each,
              message: `"${resource.value}" also covers "${example}"`,
              fix: `Write "${better}"`,
              patch: [{ op: 'replace', path, value: better }],
            },
          ];
        }),
  );
}

function onEverything(document: LintDocument): Hit[] {
  const { bucket } = document.context;
  return allowsOf(document).flatMap((each) => {
    const isAboutS3 = namedActions(each).some(
      ({ name, resourceTypes }) =>
        name.startsWith('s3:') && resourceTypes.some((type) => /^(bucket|object)$/.test(type)),
    );
    if (!isAboutS3 || each.statement.resource?.not) return [];
    return each.resources
      .filter(({ value }) => value === '*' || /^\*+$/.test(s3Name(value)?.bucket ?? ''))
      .map(({ at, value }): Hit => {
        const name = bucket ?? 'bucket';
        return {
          at,
          statement: each,
          message: `"${value}" is every bucket`,
          fix: `Name "arn:aws:s3:::${name}" for lists and "arn:aws:s3:::${name}/*", or a prefix in it, for objects`,
        };
      });
  });
}

/** The resources of S3 that any Allow names, with the statements they are of. */
function allowedResources(document: LintDocument) {
  return allowsOf(document)
    .filter(({ statement }) => statement.resource && !statement.resource.not)
    .flatMap((each) => each.resources.map((resource) => ({ each, resource })));
}

function aboutOtherBucket(document: LintDocument): Hit[] {
  const { bucket } = document.context;
  const named = allowedResources(document).filter(
    ({ resource }) => resource.value === '*' || s3Name(resource.value),
  );
  const [first] = named;
  if (bucket === undefined || !first) return [];
  const isMeant = named.some(
    ({ resource }) =>
      resource.value === '*' || matchesPattern(s3Name(resource.value)?.bucket ?? '', bucket),
  );
  if (isMeant) return [];
  return [
    {
      at: first.resource.at,
      statement: first.each,
      message: `the document is for the bucket "${bucket}", and names "${first.resource.value}"`,
      fix: `Write "arn:aws:s3:::${bucket}" and "arn:aws:s3:::${bucket}/..." in the Resource elements`,
    },
  ];
}

function aboutOtherPrefix(document: LintDocument): Hit[] {
  const { bucket, prefix } = document.context;
  const named = allowedResources(document).flatMap(({ each, resource }) => {
    const name = s3Name(resource.value);
    return name?.key === null || name === null ? [] : [{ each, resource, ...name }];
  });
  const here = named.filter((one) => bucket === undefined || matchesPattern(one.bucket, bucket));
  const [first] = here;
  const isOpen = allowedResources(document).some(({ resource }) => resource.value === '*');
  if (prefix === undefined || !first || isOpen) return [];
  const isCovered = here.some(({ key }) => {
    const plain = (key ?? '').replace(/\$\{([*?$])\}/g, '$1');
    return matchesPattern(key ?? '', `${prefix}x`) || plain === `${prefix}*`;
  });
  if (isCovered) return [];
  const better = `${first.resource.value.split('/')[0]}/${literalPattern(prefix)}*`;
  return [
    {
      at: first.resource.at,
      statement: first.each,
      message: `the document is for objects under "${prefix}", and names "${first.resource.value}"`,
      fix: `Write "${better}"`,
    },
  ];
}
