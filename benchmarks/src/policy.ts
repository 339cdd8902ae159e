import {
  type AccessRequest,
  evaluate,
  matchesPattern,
  type Policy,
  parsePolicy,
} from '@causeway/policy';
import { type Figure, median, round2 } from './figure.ts';

const rounds = 7;
const evaluations = 200_000;
const hostileBytes = 20_480;

/** How many decisions one core takes in a second, and the longest that any input of 20 KB takes. */
export async function benchPolicy(): Promise<Figure[]> {
  const policy = parsePolicy(identityPolicy, { name: 'delivery', type: 'identity' });
  const speeds = Array.from({ length: rounds }, () => evaluationsPerSecond(policy));
  // The first rounds warm up.
  const measured = speeds.slice(2);
  const worst = worstMatch();
  return [
    {
      figure: 'policy.evaluations_per_s',
      value: Math.round(median(measured)),
      unit: '1/s',
      target: '>= 300000',
      details: { rounds: measured.map((speed) => Math.round(speed)), decisions: expected },
    },
    {
      figure: 'policy.worst_match_ms',
      value: round2(worst.milliseconds),
      unit: 'ms',
      target: '<= 50',
      details: { bytes: hostileBytes, worst: worst.name, inputs: hostile.length },
    },
  ];
}

/** What a role for deliveries has: writes under a prefix, reads back, lists under a condition. */
const identityPolicy = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Write',
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      Resource: 'arn:aws:s3:::acme-data/causeway/*',
    },
    {
      Sid: 'List',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::acme-data',
      Condition: { StringLike: { 's3:prefix': ['causeway/', 'causeway/*'] } },
    },
    {
      Sid: 'Read',
      Effect: 'Allow',
      Action: 's3:Get*',
      Resource: 'arn:aws:s3:::acme-data/causeway/*',
    },
  ],
};

const context = {
  'aws:SecureTransport': 'true',
  'aws:SourceIp': '192.0.2.10',
  'aws:RequestedRegion': 'us-east-1',
  's3:prefix': 'causeway/orders/',
};
const object = 'arn:aws:s3:::acme-data/causeway/orders/dt=2026-01-01/run_00000.parquet';
/** In turn, so that each statement decides as often as the others, the condition is asked, and one call in five is refused. */
const requests: readonly AccessRequest[] = [
  ['s3:PutObject', object],
  ['s3:ListBucket', 'arn:aws:s3:::acme-data'],
  ['s3:GetObject', object],
  ['s3:AbortMultipartUpload', object],
  ['s3:DeleteObject', object],
].map(([action = '', resource = '']) => ({
  principal: 'arn:aws:sts::222222222222:assumed-role/causeway-acme/cw-run1',
  action,
  resource,
  resourceAccount: '222222222222',
  context,
}));
const expected = { allowed: (evaluations / 5) * 4, refused: evaluations / 5 };

function evaluationsPerSecond(policy: Policy): number {
  const identityPolicies = [policy];
  let allowed = 0;
  let letters = 0;
  const start = process.cpuUsage();
  for (let round = 0; round < evaluations / requests.length; round++) {
    for (const request of requests) {
      const { decision, because } = evaluate(request, { identityPolicies });
      if (decision === 'allowed') allowed++;
      letters += because.length;
    }
  }
  const seconds = secondsSince(start);
  if (allowed !== expected.allowed || letters === 0) {
    throw new Error(`Cannot measure: ${allowed} of ${evaluations} requests were allowed`);
  }
  return evaluations / seconds;
}

/** Time of the processor, not of the clock: what else runs on the machine does not count. */
function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

interface Hostile {
  readonly name: string;
  readonly run: () => void;
}

const half = hostileBytes / 2;
/** What a bucket policy of 20 KB leaves for one element. */
const long = hostileBytes - 500;
const variable = `$${'{aws:x}'}`;
const fill = (unit: string, bytes = half) => unit.repeat(Math.floor(bytes / unit.length));
const texts = [fill('a'), fill('ab'), `${fill('a').slice(1)}b`];
const patterns = ['*a', '?*', 'a*', 'a?*', '*a?b', '*ab'].flatMap((unit) => [
  fill(unit),
  `${fill(unit)}z`,
]);

/** Pattern and text share the 20 KB evenly, which makes their product the largest; the last have 20 KB each. */
const hostile: readonly Hostile[] = [
  ...patterns.flatMap((pattern) =>
    texts.map((text, index) => ({
      name: `${pattern.slice(0, 6)}...${pattern.slice(-1)} against text ${index + 1}`,
      run: () => void matchesPattern(pattern, text),
    })),
  ),
  ...[`*${fill('a', half / 2)}b`, `${fill('a*', half / 2)}${fill('?', half / 2)}b*`].map(
    (pattern) => ({
      name: `${pattern.slice(0, 6)}...${pattern.slice(-3)} against a run`,
      run: () => void matchesPattern(pattern, fill('a')),
    }),
  ),
  decided('many patterns', { Action: 's3:GetObject', Resource: fillList('arn:aws:s3:::b/*a*a*z') }),
  decided('variables without an end', {
    Action: '*',
    Resource: `arn:aws:s3:::b/${fill('${', long)}`,
  }),
  decided('variables of long values', {
    Action: '*',
    Resource: `arn:aws:s3:::b/${fill(variable, long)}`,
  }),
  decided('variables between asterisks', {
    Action: '*',
    Resource: `arn:aws:s3:::b/${fill(`${variable}*`, long)}z`,
  }),
  decided('actions in another letter case', { Action: fillList('S3:*E*T*O*Z'), Resource: '*' }),
  decided('conditions', {
    Action: '*',
    Resource: '*',
    Condition: { StringLike: { 'aws:y': fillList('*a*a*z') } },
  }),
  // These have 20 KB each, policy and value.
  ...['*?a', '*a*b?c*d*e*f', '*b', '*?b*a', 'b*?', '?*', `*${fill('b', 63)}a`].map((pattern) =>
    decided(`many ${pattern.slice(0, 12)} in a condition against a long value`, {
      Action: '*',
      Resource: '*',
      Condition: { StringLike: { 'aws:z': fillList(pattern) } },
    }),
  ),
  ...['*?a', `*${variable}?c`].map((pattern) =>
    decided(`many ARNs with ${pattern} against a long one`, {
      Action: '*',
      Resource: '*',
      Condition: { ArnLike: { 'aws:arn': fillList(`arn:aws:s3:::${pattern}`) } },
    }),
  ),
  decided('many asterisks in one element against a long value', {
    Action: '*',
    Resource: '*',
    Condition: { StringLike: { 'aws:z': `${fill('?*', long)}a` } },
  }),
];

function fillList(pattern: string): string[] {
  return Array.from({ length: Math.floor(long / (pattern.length + 3)) }, () => pattern);
}

/** A decision by one statement, the parsing included. A key has 1,024 bytes at most, other values here 10 or 20 KB. */
function decided(name: string, statement: object): Hostile {
  const document = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', ...statement }],
  };
  const request: AccessRequest = {
    principal: 'arn:aws:iam::222222222222:user/alice',
    action: 's3:GetObject',
    resource: `arn:aws:s3:::b/${fill('a', 1024)}`,
    resourceAccount: '222222222222',
    context: {
      'aws:x': fill('a', 16),
      'aws:y': fill('a'),
      'aws:z': fill('b', hostileBytes),
      'aws:arn': `arn:aws:s3:::${fill('b', hostileBytes)}`,
    },
  };
  return {
    name,
    run: () => {
      const resourcePolicy = parsePolicy(document, { name, type: 'resource' });
      evaluate(request, { resourcePolicy });
    },
  };
}

function worstMatch(): { readonly name: string; readonly milliseconds: number } {
  const timed = hostile.map(({ name, run }) => {
    const times = Array.from({ length: rounds }, () => {
      const start = process.cpuUsage();
      run();
      return secondsSince(start) * 1000;
    });
    return { name, milliseconds: median(times) };
  });
  return timed.reduce((worst, one) => (one.milliseconds > worst.milliseconds ? one : worst));
}
