import {
  CausewayError,
  type Dataset,
  type Delivery,
  type DeliveryCreate,
  type DeliveryUpdate,
} from '@causeway/contract';
import { createDelivery } from './create-delivery.ts';
import { firstDue } from './schedule/due-times.ts';

/**
 * The delivery with what is asked for changed, held against the same rules as a new one.
 *
 * @throws CausewayError `invalid_request`; `delivery_not_active` when it is archived.
 */
export function changeDelivery(
  current: Delivery,
  change: DeliveryUpdate,
  dataset: Dataset,
  now: Date = new Date(),
): Delivery {
  refuseArchived(current);
  const { id, status, startsAt, createdAt } = current;
  const changed = createDelivery(
    { ...askedFor(current, change), ...given(change) },
    dataset,
    now,
    id,
  );
  const sameSchedule = JSON.stringify(changed.schedule) === JSON.stringify(current.schedule);
  const nextRunAt = status === 'active' && !sameSchedule ? changed.nextRunAt : current.nextRunAt;
  return { ...changed, status, nextRunAt, startsAt, createdAt };
}

/** @throws CausewayError `delivery_not_active` when it is archived. */
export function pauseDelivery(current: Delivery): Delivery {
  refuseArchived(current);
  return { ...current, status: 'paused', nextRunAt: null };
}

/** Its schedule counts from now. @throws CausewayError `delivery_not_active` when it is archived. */
export function resumeDelivery(current: Delivery, now: Date = new Date()): Delivery {
  refuseArchived(current);
  if (current.status === 'active') return current;
  const { schedule, id } = current;
  const nextRunAt = (schedule && firstDue(schedule, id, now)?.toISOString()) ?? null;
  return { ...current, status: 'active', nextRunAt };
}

export function archiveDelivery(current: Delivery): Delivery {
  return { ...current, status: 'archived', nextRunAt: null };
}

/** What would have to be asked for to make this delivery, less what the change makes void. */
function askedFor(current: Delivery, change: DeliveryUpdate): Omit<DeliveryCreate, 'history'> {
  const { customerIds, customerRule, csv, compression, ...rest } = current;
  const audience = customerRule === null ? { customerIds } : { customerRule };
  const isOtherAudience = change.customerIds !== undefined || change.customerRule !== undefined;
  const isOtherForm = change.format !== undefined && change.format !== current.format;
  return {
    ...rest,
    ...(!isOtherAudience && audience),
    ...(!isOtherForm && { compression, ...(csv && { csv }) }),
  };
}

/** Without what is named and yet not given, which would take away what there is. */
function given(change: DeliveryUpdate): Partial<DeliveryCreate> {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

function refuseArchived({ id, status }: Delivery): void {
  if (status !== 'archived') return;
  throw new CausewayError('delivery_not_active', { deliveryId: id, status });
}
