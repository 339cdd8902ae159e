import { copyBlock } from './copy-button.js';
import { announce, fieldOf, find, make } from './dom.js';
import { onSubmit, sentence } from './field-errors.js';
import { lineDiff, onlyChanges } from './line-diff.js';
import { documentNames } from './report.js';

/**
 * @import { ConnectView, CorrectedDocument, Diagnosis, DiagnosisDemand, DiagnosisFinding } from '@causeway/contract'
 * @import { Page } from './page.js'
 */

const conclusions = Object.freeze({
  works: { tone: 'good', text: 'These policies will do. The checks above prove it.' },
  broken: { tone: 'warn', text: 'With these policies the connection will not work.' },
  insecure: { tone: 'bad', text: 'With these policies others get in as well.' },
});

/** The fields that one document is pasted into, by its name in a diagnosis. */
const fields = Object.freeze({
  trustPolicy: 'trustPolicy',
  permissionsPolicy: 'permissionsPolicies',
  bucketPolicy: 'bucketPolicy',
  keyPolicy: 'keyPolicy',
  permissionsBoundary: 'permissionsBoundary',
});

/**
 * What pasted policies will do, without asking AWS: what is wrong with each, and the
 * whole document as it should be, with the lines that change.
 *
 * @param {Page} page
 */
export function diagnosisForm(page) {
  const form = find('paste', HTMLFormElement);
  const place = find('diagnosis-result', HTMLElement);
  const judge = async () => {
    place.replaceChildren();
    const pasted = pastedIn(form);
    const path = `/v1/connections/${page.view().connection.id}/diagnose`;
    /** @type {Diagnosis} */
    const diagnosis = await page.call('POST', path, pasted);
    place.replaceChildren(...resultOf(diagnosis, pasted, page.view()));
    announce(conclusions[diagnosis.verdict].text);
    place.focus();
  };
  onSubmit(form, judge, { otherwise: () => shownFields(form)[0] ?? 'bucketPolicy' });

  /** @param {ConnectView} view */
  function show({ connection }) {
    const isOurs = connection.owner === 'operator';
    const isDone = connection.lastCheck?.outcome === 'healthy';
    find('diagnosis', HTMLElement).hidden = isOurs || isDone || connection.bucket === null;
    find('paste-trustPolicy-row', HTMLElement).hidden = !('roleName' in connection);
    find('paste-whose', HTMLElement).textContent =
      connection.access === 'access_key' ? 'of the user' : 'of the role';
  }
  return { show };
}

/** @param {HTMLFormElement} form */
function shownFields(form) {
  return [...form.querySelectorAll('textarea')]
    .filter((field) => field.closest('[hidden]') === null)
    .map(({ name }) => name);
}

/**
 * What was pasted, by the names of the API.
 *
 * @param {HTMLFormElement} form
 * @returns {Record<string, string | string[]>}
 */
function pastedIn(form) {
  const names = [...shownFields(form), 'keyArn'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = fieldOf(form, name).value.trim();
      if (text === '') return [];
      return [[name, name === 'permissionsPolicies' ? severalPolicies(text) : text]];
    }),
  );
}

/**
 * Policies that were pasted one after the other: each begins with a brace at the start
 * of a line, after one that ends so.
 *
 * @param {string} text
 */
function severalPolicies(text) {
  return text.split(/(?<=^\})\s*(?=^\{)/m);
}

/**
 * @param {Diagnosis} diagnosis
 * @param {Readonly<Record<string, string | string[]>>} pasted
 * @param {ConnectView} view
 */
function resultOf({ verdict, documents, demands, correction, assumed }, pasted, view) {
  const { tone, text } = conclusions[verdict];
  const findings = documents.flatMap(({ document, findings: found }) =>
    found.map((finding) => findingRow(finding, documentNames[document])),
  );
  const unmet = demands.filter(({ holds }) => !holds);
  const met = demands.length - unmet.length;
  return [
    make('p', { class: `state ${tone}` }, make('strong', {}, text)),
    ...(correction?.documents ?? []).map((corrected) => correctedDocument(corrected, pasted)),
    correction !== null && correction.verdict !== 'works'
      ? make('p', {}, 'That is not all of it: what cannot be mended by a policy here stands below.')
      : null,
    unmet.length > 0 ? make('h3', {}, 'What does not hold') : null,
    unmet.length > 0
      ? make(
          'ul',
          { class: 'plain' },
          ...unmet.map((demand) => demandRow(demand, view.operatorName)),
        )
      : null,
    findings.length > 0 ? make('h3', {}, 'What is wrong in the text') : null,
    findings.length > 0 ? make('ul', { class: 'plain' }, ...findings) : null,
    met > 0 ? make('p', { class: 'quiet' }, `${met} of ${demands.length} demands hold.`) : null,
    make(
      'details',
      {},
      make('summary', {}, 'What was taken for granted'),
      make('ul', {}, ...assumed.map((each) => make('li', {}, sentence(each)))),
    ),
  ].filter((each) => each !== null);
}

/**
 * A whole document to copy, and which of its lines are other than what was pasted.
 *
 * @param {CorrectedDocument} corrected
 * @param {Readonly<Record<string, string | string[]>>} pasted
 */
function correctedDocument({ document: target, index, policy }, pasted) {
  const name = documentNames[target];
  const after = JSON.stringify(policy, null, 2);
  const before = prettyOf(textPasted(pasted, target, index));
  return make(
    'section',
    { class: 'corrected', 'aria-label': `Corrected ${name}` },
    make('h3', {}, `Change the ${name}`),
    before === null ? null : changedLines(before, after, name),
    make('h3', {}, before === null ? 'The whole document' : 'The whole document, corrected'),
    copyBlock(`the corrected ${name}`, after),
  );
}

/**
 * @param {Readonly<Record<string, string | string[]>>} pasted
 * @param {string} target
 * @param {number} index
 * @returns {string}
 */
function textPasted(pasted, target, index) {
  const value = pasted[/** @type {Record<string, string>} */ (fields)[target] ?? ''] ?? '';
  return (typeof value === 'string' ? value : value[index]) ?? '';
}

/**
 * Laid out as the corrected one is, so that only what differs shows. Null for what is no JSON.
 *
 * @param {string} text
 */
function prettyOf(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

/** Beyond this the comparison takes longer than anybody would read. */
const mostLines = 1500;

/**
 * @param {string} before
 * @param {string} after
 * @param {string} name
 */
function changedLines(before, after, name) {
  if (Math.max(before.split('\n').length, after.split('\n').length) > mostLines) return null;
  const marks = { same: ' ', gone: '-', new: '+' };
  return make(
    'pre',
    { class: 'diff', tabindex: '0', role: 'region', 'aria-label': `What changes in the ${name}` },
    ...onlyChanges(lineDiff(before, after), 3).map((line) => {
      if (line === null) return make('span', { class: 'quiet' }, '  …\n');
      const tag = line.kind === 'gone' ? 'del' : line.kind === 'new' ? 'ins' : 'span';
      return make(tag, {}, `${marks[line.kind]} ${line.text}\n`);
    }),
  );
}

/**
 * @param {DiagnosisDemand} demand
 * @param {string} operatorName
 */
function demandRow({ what, must, because, advice, fixes }, operatorName) {
  const claim =
    must === 'allow' ? `${operatorName} must be able to ${what}` : `It must be refused to ${what}`;
  return make(
    'li',
    {},
    make('strong', {}, sentence(claim)),
    make('p', {}, sentence(because)),
    ...fixes.map(({ text }) => make('p', { class: 'fix' }, sentence(text))),
    advice === undefined ? null : make('p', { class: 'fix' }, sentence(advice)),
  );
}

/**
 * @param {DiagnosisFinding} finding
 * @param {string} name
 */
function findingRow({ severity, path, line, message, fix }, name) {
  const tone = { error: 'bad', warning: 'mild', advice: '' }[severity];
  const where = line === undefined ? path : `${path}, line ${line}`;
  return make(
    'li',
    {},
    make('span', { class: `tag ${tone}` }, severity),
    ` ${name}${where ? `, ${where}` : ''}: ${sentence(message)}`,
    make('p', { class: 'fix' }, sentence(fix)),
  );
}
