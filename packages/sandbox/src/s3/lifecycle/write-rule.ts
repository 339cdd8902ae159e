import { element, text } from '../../http/xml.ts';
import type {
  LifecycleFilter,
  LifecycleRule,
  LifecycleTime,
  NoncurrentTime,
} from '../../state/lifecycle-records.ts';

/** A rule the way it was sent. */
export function writeRule(rule: LifecycleRule): string {
  const { expiration, noncurrentExpiration, abortUploadDays, expiredObjectDeleteMarker } = rule;
  const marker = expiredObjectDeleteMarker;
  return element('Rule', [
    text('ID', rule.id),
    writeFilter(rule.filter),
    text('Status', rule.isEnabled ? 'Enabled' : 'Disabled'),
    ...rule.transitions.map((one) =>
      element('Transition', [...writeTime(one), text('StorageClass', one.storageClass)]),
    ),
    ...(expiration ? [element('Expiration', writeTime(expiration))] : []),
    ...(marker === undefined
      ? []
      : [element('Expiration', [text('ExpiredObjectDeleteMarker', marker)])]),
    ...rule.noncurrentTransitions.map((one) =>
      element('NoncurrentVersionTransition', [
        ...writeNoncurrentTime(one),
        text('StorageClass', one.storageClass),
      ]),
    ),
    ...(noncurrentExpiration
      ? [element('NoncurrentVersionExpiration', writeNoncurrentTime(noncurrentExpiration))]
      : []),
    ...(abortUploadDays === undefined
      ? []
      : [
          element('AbortIncompleteMultipartUpload', [text('DaysAfterInitiation', abortUploadDays)]),
        ]),
  ]);
}

function writeFilter({ form, ...conditions }: LifecycleFilter): string {
  const written = [
    text('Prefix', conditions.prefix),
    ...Object.entries(conditions.tags ?? {}).map(([key, value]) =>
      element('Tag', [text('Key', key), text('Value', value)]),
    ),
    text('ObjectSizeGreaterThan', conditions.sizeGreaterThan),
    text('ObjectSizeLessThan', conditions.sizeLessThan),
  ];
  if (form === 'prefix') return written.join('');
  return element('Filter', form === 'and' ? [element('And', written)] : written);
}

function writeTime({ days, date }: LifecycleTime): string[] {
  return [text('Days', days), text('Date', date)];
}

function writeNoncurrentTime({ days, newerVersions }: NoncurrentTime): string[] {
  return [text('NoncurrentDays', days), text('NewerNoncurrentVersions', newerVersions)];
}
