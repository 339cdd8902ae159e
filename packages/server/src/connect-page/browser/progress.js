/**
 * @import { CheckReport, CheckStep, Connection, ConnectView } from '@causeway/contract'
 */

/**
 * What this page has seen since it was opened, in milliseconds.
 *
 * @typedef {object} Seen
 * @property {number} now
 * @property {number} openedAt
 * @property {number | null} actedAt when something was saved, opened or copied here last
 * @property {number | null} letInAt when a check was let in for the first time
 */

/**
 * Where the setup stands.
 *
 * - `wait`: nothing is wrong and nothing is there yet
 * - `good`: it works
 * - `warn`: somebody has to change something
 * - `bad`: it works for others, too
 *
 * @typedef {object} Progress
 * @property {'wait' | 'good' | 'warn' | 'bad'} tone
 * @property {string} title
 * @property {string} text
 * @property {boolean} compare whether to show what was sent beside what must be trusted
 */

/** AWS says of no change how long it takes to be everywhere; a minute is rare. */
const spreadingMs = 60_000;

/** Steps by which one gets in: all others ask something once inside. */
const entrances = ['role.assume', 'web_identity.assume', 'key.valid'];

/**
 * @param {ConnectView} view
 * @param {Seen} seen
 * @returns {Progress}
 */
export function progressOf({ connection, operatorName }, seen) {
  const missing = missingOf(connection);
  if (missing !== null) return state('wait', missing.title, missing.text);
  if (connection.status === 'paused') {
    return state('wait', 'Paused', `${operatorName} has paused this connection. Nothing is lost.`);
  }
  const report = connection.lastCheck;
  if (report === null)
    return state('wait', 'Checking', 'The first answers of AWS are on their way.');
  switch (report.outcome) {
    case 'healthy':
      return working(connection, operatorName);
    case 'insecure':
      return state(
        'bad',
        'Not safe yet',
        `Others than ${operatorName} could use this access, so nothing is sent until it is changed: see below.`,
      );
    case 'failing':
      return failing(connection, operatorName, report, seen);
  }
}

/** @param {Connection} connection */
export function isWorking({ lastCheck, accountConfirmed, status }) {
  return lastCheck?.outcome === 'healthy' && accountConfirmed && status !== 'paused';
}

/**
 * What has to be entered before AWS can be asked anything.
 *
 * @param {Connection} connection
 */
export function missingOf(connection) {
  if (connection.bucket === null) {
    return { title: 'Waiting for the bucket', text: 'Say in step 1 where the data is to go.' };
  }
  if (connection.access === 'access_key') {
    if (connection.accessKeys.length > 0) return null;
    return { title: 'Waiting for the access key', text: 'Enter it in step 2.' };
  }
  if (connection.accountId !== null) return null;
  return { title: 'Waiting for the account', text: 'Say in step 1 which AWS account it is.' };
}

/**
 * How a step is shown: what somebody is still at work on is no failure yet, nor is what
 * failed within a minute of being let in.
 *
 * @param {CheckStep} step
 * @param {Progress} progress
 * @param {Seen} seen
 */
export function looksOf({ id, verdict, side }, { tone }, seen) {
  if (verdict !== 'failed' || side !== 'customer') return verdict;
  const isEarly = entrances.includes(id) ? tone === 'wait' : isSpreading(seen);
  return isEarly ? 'pending' : verdict;
}

/**
 * Whether a report says that we got in.
 *
 * @param {CheckReport} report
 */
export function isLetIn({ steps }) {
  return steps.some(({ id, verdict }) => entrances.includes(id) && verdict === 'passed');
}

/** @param {Seen} seen */
function isSpreading({ now, letInAt }) {
  return letInAt !== null && now - letInAt < spreadingMs;
}

/**
 * How long until the next check.
 *
 * @param {ConnectView} view
 * @param {Seen} seen
 * @param {boolean} hidden whether nobody looks at the page
 * @returns {number} in seconds
 */
export function pauseOf({ connection }, { now, openedAt, actedAt, letInAt }, hidden) {
  if (hidden) return 30;
  if (connection.lastCheck?.outcome === 'healthy') return 15;
  const last = Math.max(openedAt, actedAt ?? 0, letInAt ?? 0);
  return now - last < spreadingMs ? 3 : 10;
}

/**
 * @param {Connection} connection
 * @param {string} operatorName
 * @returns {Progress}
 */
function working({ accountId, accountConfirmed, bucket, prefix }, operatorName) {
  const place = `s3://${bucket}/${prefix}`;
  if (accountConfirmed) {
    return state(
      'good',
      'Connected',
      `All checks passed: ${operatorName} can use ${place}. You are done here.`,
    );
  }
  return state(
    'good',
    'Your part is done',
    `All checks passed. ${operatorName} now confirms that account ${accountId} is yours: no data moves before. You may close this page.`,
  );
}

/**
 * @param {Connection} connection
 * @param {string} operatorName
 * @param {CheckReport} report
 * @param {Seen} seen
 * @returns {Progress}
 */
function failing(connection, operatorName, { steps }, seen) {
  const failed = steps.filter(({ verdict }) => verdict === 'failed');
  const others = failed.find(({ side }) => side !== 'customer');
  const entrance = failed.find(({ id }) => entrances.includes(id));
  if (entrance?.side === 'customer') return notLetIn(connection, seen);
  if (others?.side === 'aws') return state('wait', 'Waiting for AWS', others.message);
  if (others) {
    return state(
      'warn',
      `${operatorName} has to mend something`,
      `You have nothing to do. ${others.message}`,
    );
  }
  if (isSpreading(seen)) {
    return state(
      'wait',
      'AWS is still spreading the change',
      'The access is there, and not everywhere yet. That takes under a minute as a rule.',
    );
  }
  const count = failed.length === 1 ? 'One thing' : `${failed.length} things`;
  return state('warn', `${count} to change on your side`, 'What and how stands below.');
}

/**
 * STS says the same of a role that is not there and of one that does not trust us, so
 * neither is claimed.
 *
 * @param {Connection} connection
 * @param {Seen} seen
 * @returns {Progress}
 */
function notLetIn(connection, { now, actedAt }) {
  if (connection.access === 'access_key') {
    return state('warn', 'AWS does not accept the access key', 'What it said stands below.');
  }
  if (connection.status === 'revoked') {
    return state(
      'warn',
      'The access was taken away',
      'It worked before. If that was not meant, see below.',
      true,
    );
  }
  if (actedAt === null || now - actedAt < spreadingMs) {
    return state(
      'wait',
      'Waiting for the role',
      'This page asks AWS by itself, and turns green when the role is there. A new role takes up to a minute.',
    );
  }
  return state(
    'warn',
    'No access yet',
    'AWS answers, but the role does not let us in: it is not there, or does not trust us yet. If you have made it, compare:',
    true,
  );
}

/**
 * @param {Progress['tone']} tone
 * @param {string} title
 * @param {string} text
 * @returns {Progress}
 */
function state(tone, title, text, compare = false) {
  return { tone, title, text, compare };
}
