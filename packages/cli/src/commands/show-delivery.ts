import { type Delivery, ruleInWords, scheduleInWords } from '@causeway/contract';
import { fields } from '../terminal/table.ts';
import { describeCsv } from './file-form-options.ts';
import { describeSelection } from './row-selection-options.ts';

/** A delivery as people read it. */
export function showDelivery(delivery: Delivery): string {
  const { customerIds, customerRule, schedule, csv, partitionBy, filter, columns, ...rest } =
    delivery;
  return fields({
    ...rest,
    ...(csv && describeCsv(csv)),
    partitionBy: partitionBy.join(', '),
    ...describeSelection({ filter, columns }),
    customers: customerRule === null ? customerIds.join(', ') : ruleInWords(customerRule),
    runs: scheduleInWords(schedule),
  });
}
