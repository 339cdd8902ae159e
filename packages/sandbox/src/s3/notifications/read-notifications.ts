import { randomUUID } from 'node:crypto';
import { readXml, textOf, treesOf, type XmlTree } from '../../http/read-xml.ts';
import type { NotificationRule } from '../../state/notification-records.ts';
import { invalidArgument, malformedXml, notImplemented } from '../s3-error.ts';
import { eventStanding, shareAnEvent } from './event-names.ts';

/** Destinations that S3 has and the sandbox has not: nobody shall wait for events that never come. */
const otherDestinations = [
  'TopicConfiguration',
  'CloudFunctionConfiguration',
  'EventBridgeConfiguration',
];

/**
 * Reads a notification configuration; an empty one ends all notifications.
 *
 * @throws AwsError `InvalidArgument`, `MalformedXML`, or `NotImplemented` for other destinations than queues.
 */
export function readNotifications(document: string): NotificationRule[] {
  const tree = readXml(document, 'NotificationConfiguration');
  if (!tree) throw malformedXml();
  for (const name of otherDestinations) {
    if (tree[name]) throw notImplemented(`${name} of event notifications`);
  }
  const rules = treesOf(tree, 'QueueConfiguration').map(readRule);
  const ids = rules.map((rule) => rule.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw invalidArgument(
      'Id',
      twice,
      'Same ID used for multiple configurations. IDs must be unique',
    );
  }
  refuseOverlaps(rules);
  return rules;
}

export function prefixOf({ filter }: NotificationRule): string {
  return filter.find((rule) => rule.name === 'Prefix')?.value ?? '';
}

export function suffixOf({ filter }: NotificationRule): string {
  return filter.find((rule) => rule.name === 'Suffix')?.value ?? '';
}

function readRule(tree: XmlTree): NotificationRule {
  const queueArn = textOf(tree, 'Queue')?.trim();
  const events = (tree['Event'] ?? []).map((event) => {
    if (typeof event !== 'string') throw malformedXml();
    return checkEvent(event.trim());
  });
  if (queueArn === undefined || events.length === 0) throw malformedXml();
  if (!/^arn:aws:sqs:[^:]+:\d{12}:[^:]+$/.test(queueArn)) {
    throw invalidArgument('Queue', queueArn, 'The ARN could not be parsed');
  }
  const id = textOf(tree, 'Id')?.trim() || randomUUID();
  return { id, queueArn, events, filter: readFilter(tree) };
}

function checkEvent(name: string): string {
  switch (eventStanding(name)) {
    case 'happens':
      return name;
    case 'never_happens':
      throw notImplemented(`notifications of ${name}`);
    case 'unknown':
      throw invalidArgument(
        'Event',
        name,
        `The event '${name}' is not supported for notifications`,
      );
  }
}

function readFilter(tree: XmlTree): NotificationRule['filter'] {
  const [filter] = treesOf(tree, 'Filter');
  const [key] = filter ? treesOf(filter, 'S3Key') : [];
  const rules = (key ? treesOf(key, 'FilterRule') : []).map((rule) => {
    const name = textOf(rule, 'Name')?.trim();
    const value = textOf(rule, 'Value');
    if (name === undefined || value === undefined) throw malformedXml();
    return { name: filterName(name), value };
  });
  for (const name of ['Prefix', 'Suffix']) {
    if (rules.filter((rule) => rule.name === name).length <= 1) continue;
    throw invalidArgument(
      'FilterRule.Name',
      name.toLowerCase(),
      `Cannot specify more than one ${name.toLowerCase()} rule in a filter.`,
    );
  }
  return rules;
}

function filterName(name: string): 'Prefix' | 'Suffix' {
  const lower = name.toLowerCase();
  if (lower === 'prefix') return 'Prefix';
  if (lower === 'suffix') return 'Suffix';
  throw invalidArgument(
    'FilterRule.Name',
    name,
    'filter rule name must be either prefix or suffix',
  );
}

/** Of each event S3 wants to know the one place where it goes. */
function refuseOverlaps(rules: readonly NotificationRule[]): void {
  for (const [index, one] of rules.entries()) {
    for (const other of rules.slice(index + 1)) {
      const shared = one.events.find((event) => {
        return other.events.some((another) => shareAnEvent(event, another));
      });
      if (shared === undefined || !keysOverlap(one, other)) continue;
      const isFiltered = one.filter.length + other.filter.length > 0;
      throw invalidArgument(
        'Event',
        shared,
        isFiltered
          ? 'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.'
          : 'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
      );
    }
  }
}

function keysOverlap(one: NotificationRule, other: NotificationRule): boolean {
  const [prefix, otherPrefix] = [prefixOf(one), prefixOf(other)];
  const [suffix, otherSuffix] = [suffixOf(one), suffixOf(other)];
  return (
    (prefix.startsWith(otherPrefix) || otherPrefix.startsWith(prefix)) &&
    (suffix.endsWith(otherSuffix) || otherSuffix.endsWith(suffix))
  );
}
