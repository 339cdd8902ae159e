import type { Fault, FaultEffect } from '@causeway/sandbox';

/** Something that goes wrong with one kind of request of a run. */
export interface FaultyAnswer {
  readonly name: string;
  readonly faults: readonly Fault[];
  /** Whose failure of which kind it is; null when the run delivers all the same. */
  readonly failure: { readonly code: string; readonly side: 'customer' | 'operator' } | null;
  /** Of what the run is: a small file, which is its first `PutObject`, or several; else a large one. */
  readonly files?: 'small' | 'several';
}

const fail = (when: 'before' | 'after', status: number, code: string): FaultEffect => ({
  type: `fail_${when}`,
  status,
  code,
});

/** Everything that a run without trouble asks of AWS, in this order. */
export const operations = [
  'AssumeRole',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'PutObject',
] as const;

/** What may befall any request: its answer is lost, cut, an error though it took effect, or late and double. */
const toAny: readonly FaultEffect[] = [
  { type: 'drop_reply' },
  { type: 'truncate_reply', afterBytes: 20 },
  { type: 'duplicate' },
  fail('after', 500, 'InternalError'),
  fail('after', 503, 'ServiceUnavailable'),
  fail('before', 500, 'InternalError'),
  fail('before', 503, 'SlowDown'),
];

/** What S3 alone says; names and statuses are in its list of error codes. */
const toS3: readonly FaultEffect[] = [
  fail('before', 400, 'ExpiredToken'),
  fail('after', 400, 'ExpiredToken'),
  fail('before', 403, 'RequestTimeTooSkewed'),
  fail('before', 400, 'RequestTimeout'),
];

const toOne: readonly (readonly [(typeof operations)[number], FaultEffect])[] = [
  ['AssumeRole', fail('before', 400, 'Throttling')],
  ['UploadPart', { type: 'cut_request', afterBytes: 1000 }],
  ['UploadPart', fail('before', 400, 'BadDigest')],
  ['PutObject', { type: 'cut_request', afterBytes: 100 }],
  ['PutObject', fail('before', 400, 'BadDigest')],
  ['PutObject', fail('before', 409, 'ConditionalRequestConflict')],
  ['PutObject', fail('after', 412, 'PreconditionFailed')],
  ['CompleteMultipartUpload', { type: 'error_in_200' }],
  ['CompleteMultipartUpload', { type: 'error_in_200', code: 'SlowDown' }],
  ['CompleteMultipartUpload', fail('before', 409, 'ConditionalRequestConflict')],
  ['CompleteMultipartUpload', fail('after', 412, 'PreconditionFailed')],
  ['CompleteMultipartUpload', fail('after', 404, 'NoSuchUpload')],
];

const nameOf = (operation: string, effect: FaultEffect) =>
  `${operation} meets ${Object.values(effect).join(' ')}`;

const survived: readonly FaultyAnswer[] = [
  ...operations
    .flatMap((operation) => toAny.map((effect) => [operation, effect] as const))
    // Two uploads are made and one is told of: nobody has a reason to look for the other.
    .filter(
      ([operation, { type }]) => operation !== 'CreateMultipartUpload' || type !== 'duplicate',
    ),
  ...operations.slice(1).flatMap((operation) => toS3.map((effect) => [operation, effect] as const)),
  ...toOne,
].map(([operation, effect]) => ({
  name: nameOf(operation, effect),
  faults: [{ operation, times: 1, effect }],
  failure: null,
}));

/** Two in a row: what settles a lost answer may be lost as well. */
const settledLate: readonly FaultyAnswer[] = ['CompleteMultipartUpload', 'PutObject'].map(
  (operation) => ({
    name: `${operation} and the look at what came of it both lose their answers`,
    faults: [
      { operation, times: 1, effect: { type: 'drop_reply' } },
      { operation: 'HeadObject', times: 2, effect: { type: 'drop_reply' } },
    ],
    failure: null,
  }),
);

const denied = fail('before', 403, 'AccessDenied');

/** What only people can mend, and what IAM says for moments while it spreads a change. */
const refused: readonly FaultyAnswer[] = [
  ...operations.slice(1, -1).map((operation) => ({
    name: nameOf(operation, denied),
    faults: [{ operation, times: 1, effect: denied }],
    failure: { code: 'access_denied', side: 'customer' as const },
  })),
  {
    name: 'AssumeRole is refused',
    faults: [{ operation: 'AssumeRole', effect: denied }],
    failure: { code: 'role_not_assumable', side: 'customer' },
  },
  {
    name: 'AssumeRole is refused when the session has ended in the middle',
    faults: [
      { operation: 'UploadPart', times: 1, effect: fail('before', 400, 'ExpiredToken') },
      { operation: 'AssumeRole', skip: 1, effect: denied },
    ],
    failure: { code: 'role_not_assumable', side: 'customer' },
  },
  {
    name: 'every session has ended, however new',
    faults: [{ operation: 'UploadPart', effect: fail('before', 400, 'ExpiredToken') }],
    failure: { code: 'credentials_rejected', side: 'operator' },
  },
  {
    name: 'parts are damaged on the way again and again',
    faults: [{ operation: 'UploadPart', effect: fail('before', 400, 'BadDigest') }],
    failure: { code: 'integrity_violated', side: 'operator' },
  },
];

/** To the one request that writes a small file. */
const ofSmallFiles: readonly FaultyAnswer[] = [
  ...[...survived, ...settledLate].filter(
    ({ faults: [fault] }) => fault?.operation === 'PutObject',
  ),
  {
    name: nameOf('PutObject', denied),
    faults: [{ operation: 'PutObject', times: 1, effect: denied }],
    failure: { code: 'access_denied', side: 'customer' as const },
  },
  {
    name: 'the body is damaged on the way again and again',
    faults: [{ operation: 'PutObject', effect: fail('before', 400, 'BadDigest') }],
    failure: { code: 'integrity_violated', side: 'operator' as const },
  },
].map((answer) => ({
  ...answer,
  name: `${answer.name}, for a small file`,
  files: 'small' as const,
}));

/** To whichever of several uploads, and to many requests of one run. */
const ofSeveralFiles: readonly FaultyAnswer[] = [
  ...[0, 1].map((skip) => ({
    name: `the session has ended at part no. ${skip + 1}`,
    faults: [
      {
        operation: 'UploadPart',
        skip,
        times: 1,
        effect: fail('before', 400, 'ExpiredToken'),
      },
    ],
  })),
  // Which of them follows from these seeds, for however many requests there are.
  ...[3, 6].flatMap((seed) =>
    [fail('before', 500, 'InternalError'), { type: 'drop_reply' } as const].map((effect) => ({
      name: `three of ten requests meet ${Object.values(effect).join(' ')}, seed ${seed}`,
      faults: [{ operation: '*', keyIncludes: 'run_', probability: 0.3, seed, effect }],
    })),
  ),
].map((answer) => ({ ...answer, failure: null, files: 'several' as const }));

export const faultyAnswers: readonly FaultyAnswer[] = [
  ...survived,
  ...settledLate,
  ...refused,
  ...ofSmallFiles,
  ...ofSeveralFiles,
];
