import { copyBlock, copyButton } from './copy-button.js';
import { fill, find, make } from './dom.js';
import { sentence } from './field-errors.js';
import { looksOf, progressOf } from './progress.js';

/**
 * @import { CheckStep, ConnectView } from '@causeway/contract'
 * @import { Seen } from './progress.js'
 */

const looks = Object.freeze({
  passed: { mark: '✓', word: 'Passed', tone: 'good' },
  failed: { mark: '✗', word: 'To change', tone: 'bad' },
  pending: { mark: '…', word: 'Not yet', tone: '' },
  warned: { mark: '!', word: 'Advice', tone: 'mild' },
  skipped: { mark: '–', word: 'Not run', tone: '' },
});

/**
 * Step 3: where the setup stands, and every step of the last check with whose turn it is,
 * what to change, and what AWS said.
 *
 * @param {ConnectView} view
 * @param {Seen} seen
 */
export function showReport(view, seen) {
  const progress = progressOf(view, seen);
  const { tone, title, text, compare } = progress;
  const state = find('state', HTMLElement);
  state.className = `state ${tone}`;
  fill(state, [make('strong', {}, title), make('span', {}, text)]);
  document.title = `${title} · Connect your S3 bucket`;
  fill(find('compare', HTMLElement), compare ? comparison(view) : []);
  const report = view.connection.lastCheck;
  const steps = report?.steps ?? [];
  const taken = steps.filter(({ verdict }) => verdict !== 'skipped');
  fill(find('steps', HTMLOListElement), [
    ...taken.map((step) => row(step, looksOf(step, progress, seen), view)),
    ...later(steps.filter(({ verdict }) => verdict === 'skipped')),
  ]);
  find('checked', HTMLElement).textContent = report
    ? `Checked ${new Date(report.checkedAt).toLocaleTimeString()}.`
    : '';
}

/**
 * What was sent to AWS, which the role has to trust.
 *
 * @param {ConnectView} view
 */
function comparison({ connection }) {
  const sent = {
    ...('roleArn' in connection && { Role: connection.roleArn ?? '' }),
    ...('externalId' in connection && { 'External ID': connection.externalId ?? '' }),
    ...('subject' in connection && {
      Issuer: connection.issuer,
      Audience: connection.audience,
      Subject: connection.subject,
    }),
  };
  return [
    make('p', {}, 'What was sent to AWS:'),
    factList(Object.entries(sent)),
    make(
      'p',
      {},
      'What the role must trust stands at the step below. Or ',
      make('a', { href: '#diagnosis' }, 'paste your policy'),
      ' to see what differs.',
    ),
  ];
}

/** @param {readonly (readonly [string, unknown])[]} facts */
function factList(facts) {
  return make(
    'dl',
    { class: 'facts' },
    ...facts.flatMap(([label, value]) => [
      make('dt', {}, label),
      make('dd', {}, make('code', {}, String(value))),
    ]),
  );
}

/**
 * What comes when the rest has passed, in one row.
 *
 * @param {readonly CheckStep[]} steps
 */
function later(steps) {
  if (steps.length === 0) return [];
  const titles = steps.map(({ title }) => make('li', {}, title));
  const count = steps.length === 1 ? 'One more step' : `${steps.length} more steps`;
  const summary = make('summary', {}, `${count} when these have passed`);
  return [
    make(
      'li',
      { class: 'step' },
      make('details', { id: 'later' }, summary, make('ul', {}, ...titles)),
    ),
  ];
}

/**
 * @param {CheckStep} step
 * @param {ReturnType<typeof looksOf>} look
 * @param {ConnectView} view
 */
function row(step, look, view) {
  const { mark, word, tone } = looks[look];
  const isOpen = look === 'failed' || look === 'pending' || look === 'warned';
  return make(
    'li',
    { class: `step ${look}` },
    make(
      'p',
      { class: 'step-title' },
      make(
        'span',
        { class: `tag ${tone}` },
        make('span', { 'aria-hidden': 'true' }, `${mark} `),
        word,
      ),
      ` ${step.title}`,
    ),
    isOpen ? make('p', {}, sentence(step.message)) : null,
    ...(isOpen ? advice(step, view) : []),
    isOpen ? evidence(step) : null,
  );
}

/**
 * @param {CheckStep} step
 * @param {ConnectView} view
 * @returns {(Node | null)[]}
 */
function advice({ id, title, verdict, side, causes, fix }, { operatorName }) {
  const turn = { customer: 'you', operator: operatorName, aws: 'AWS' }[side ?? 'customer'];
  return [
    verdict === 'failed' ? make('p', { class: 'quiet' }, `To be mended by: ${turn}`) : null,
    fix ? make('p', { class: 'fix' }, sentence(fix.text)) : null,
    fix?.policy === undefined
      ? null
      : make(
          'details',
          { id: `fix-${id}` },
          make('summary', {}, `The ${documentNames[fix.document]} as it should be`),
          copyBlock(`the ${documentNames[fix.document]}`, JSON.stringify(fix.policy, null, 2)),
        ),
    causes && causes.length > 1
      ? make(
          'details',
          { id: `causes-${id}` },
          make('summary', {}, 'What it may come from, most likely first'),
          make(
            'ol',
            { 'aria-label': `Causes: ${title}` },
            ...causes.map(({ text }) => make('li', {}, sentence(text))),
          ),
        )
      : null,
  ];
}

/** As people call what a fix is for. */
export const documentNames = Object.freeze({
  trustPolicy: 'trust policy of the role',
  permissionsPolicy: 'permissions policy',
  permissionsBoundary: 'permissions boundary',
  bucketPolicy: 'bucket policy',
  keyPolicy: 'key policy',
  organizationPolicy: 'policy of your organization',
  endpointPolicy: 'policy of the VPC endpoint',
  cors: 'CORS rules of the bucket',
  bucket: 'bucket',
  key: 'key',
  issuer: 'identity provider',
  accessKey: 'access key',
  connection: 'connection',
});

/**
 * What AWS said, for whoever asks AWS about it.
 *
 * @param {CheckStep} step
 */
function evidence({ id, title, evidence: found }) {
  if (!found) return null;
  const facts = Object.entries({
    Call: found.operation,
    Status: found.status,
    Code: found.code,
    Message: found.message,
    'Request ID': found.requestId,
  }).filter(([, value]) => value !== undefined);
  const markdown = [
    `**${title}**`,
    ...facts.map(([label, value]) => `- ${label}: \`${value}\``),
  ].join('\n');
  return make(
    'details',
    { id: `evidence-${id}` },
    make('summary', {}, 'What AWS said'),
    factList(facts),
    copyButton(`Copy what AWS said of: ${title}`, () => markdown),
  );
}
