/**
 * Where a delivery's files lie below the connection's prefix: literal text, and
 * placeholders from this list.
 *
 * - `dataset`, `customer`, `delivery`: the dataset's name, the ids of customer and delivery.
 * - `date`, `year`, `month`, `day`, `hour`: of the run, in UTC; `date` is `2026-01-31`.
 * - `partition`: the values that the files' rows share, as `region=eu/plan=free`.
 * - `runId`, `index`, `ext`: the run, the file's number in it, the name of its form.
 * - `position`: that of the file's one record, where each is a file: it takes the index's place.
 */
export const keyPlaceholders = [
  'dataset',
  'customer',
  'delivery',
  'date',
  'year',
  'month',
  'day',
  'hour',
  'partition',
  'runId',
  'index',
  'position',
  'ext',
] as const;
export type KeyPlaceholder = (typeof keyPlaceholders)[number];

/** The same in every run of a delivery to a customer. */
const lasting: ReadonlySet<string> = new Set(['dataset', 'customer', 'delivery']);

/** What decides how a delivery's files are named. */
export interface FilesInTemplate {
  /** By the values of columns. */
  readonly partitioned: boolean;
  readonly filePerRecord: boolean;
}

/** What a delivery without a template of its own has. */
export function defaultKeyTemplate({ partitioned, filePerRecord }: FilesInTemplate): string {
  const folder = partitioned ? '{partition}' : 'dt={date}';
  return `{dataset}/${folder}/{runId}_${filePerRecord ? '{position}' : '{index}'}.{ext}`;
}

/** Fills the placeholders of a template, or of a part of one. */
export function fillTemplate(
  template: string,
  value: (placeholder: KeyPlaceholder) => string,
): string {
  return template.replace(/\{(\w+)\}/g, (_, name: KeyPlaceholder) => value(name));
}

/**
 * The leading segments that are the same in every run: all that a run may write lies
 * below them. Ends in `/`.
 */
export function lastingPart(template: string): string {
  const segments = template.split('/').slice(0, -1);
  const changes = segments.findIndex((segment) => placeholdersOf(segment).some(changing));
  const kept = changes === -1 ? segments : segments.slice(0, changes);
  return kept.map((segment) => `${segment}/`).join('');
}

const changing = (name: string) => !lasting.has(name);

function placeholdersOf(text: string): string[] {
  return Array.from(text.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
}

/**
 * What is wrong with a template, or null.
 *
 * A good one keeps two files from ever having one key (run and index, or position, are in the
 * name), puts the files of a folder in order (the run's id, which grows with time, as do
 * positions, comes before the index), and begins with a folder of its dataset's or delivery's own,
 * to which the credentials of a run are narrowed.
 */
export function keyTemplateIssue(template: string, files: FilesInTemplate): string | null {
  const known = keyPlaceholders.map((name) => `{${name}}`);
  const wrong = template.match(/\{[^{}]*\}/g)?.find((found) => !known.some((k) => k === found));
  if (wrong !== undefined) return `has "${wrong}", which is none of ${known.join(', ')}`;
  if (!/^[A-Za-z0-9!_.*'()=+,@/-]*$/.test(template.replace(/\{\w+\}/g, ''))) {
    return `may have letters, digits and any of "!-_.*'()=+,@/" around its placeholders`;
  }
  if (!files.filePerRecord && template.includes('{position}')) {
    return 'has {position}, but not each record is a file';
  }
  const segments = template.split('/');
  if (segments.some((segment) => ['', '.', '..'].includes(segment))) {
    return 'must not have an empty segment, "." or ".."';
  }
  return (
    prefixIssue(template) ??
    nameIssue(segments.at(-1) ?? '', files) ??
    partitionIssue(segments, files)
  );
}

function prefixIssue(template: string): string | null {
  const lasts = placeholdersOf(lastingPart(template));
  if (!lasts.includes('dataset') && !lasts.includes('delivery')) {
    return 'must begin with folders that are the same in every run and name {dataset} or {delivery}';
  }
  // `_manifests/` and `_causeway/` are not for data, and readers pass over names like these.
  return /^[_.]/.test(template) ? 'must not begin with "_" or "."' : null;
}

const told: ReadonlySet<string> = new Set(['runId', 'index', 'position', 'ext']);

function nameIssue(name: string, { filePerRecord }: FilesInTemplate): string | null {
  const order = placeholdersOf(name)
    .filter((found) => told.has(found))
    .join();
  const good = filePerRecord ? ['runId,position,ext', 'position,runId,ext'] : ['runId,index,ext'];
  if (good.includes(order) && name.endsWith('.{ext}')) return null;
  if (filePerRecord) {
    return 'must end in a name with {runId}, {position}, then ".{ext}", as "{position}_{runId}.{ext}", since each record is a file';
  }
  return 'must end in a name with {runId}, then {index}, then ".{ext}", as "{runId}_{index}.{ext}"';
}

function partitionIssue(
  segments: readonly string[],
  { partitioned }: FilesInTemplate,
): string | null {
  const count = segments.filter((segment) => segment.includes('{partition}')).length;
  if (!partitioned)
    return count === 0 ? null : 'has {partition}, but "partitionBy" names no column';
  return count === 1 && segments.slice(0, -1).includes('{partition}')
    ? null
    : 'must have {partition} once, as a folder of its own';
}
