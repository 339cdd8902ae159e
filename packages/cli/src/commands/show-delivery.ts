import { type Delivery, ruleInWords, scheduleInWords } from '@causeway/contract';
import { fields } from '../terminal/table.ts';
import { describeCsv } from './file-form-options.ts';
import { describeSelection } from './row-selection-options.ts';

/** A delivery as people read it. */
export function showDelivery(delivery: Delivery): string {
  const { customerIds, customerRule, schedule, filter, columns, ...form } = delivery;
  const { csv, partitionBy, filePerRecord, ...rest } = form;
  return fields({
    ...rest,
    ...(csv && describeCsv(csv)),
    partitionBy: partitionBy.join(', '),
    ...(filePerRecord && { files: 'one for each record' }),
    ...describeSelection({ filter, columns }),
    customers: customerRule === null ? customerIds.join(', ') : ruleInWords(customerRule),
    runs: scheduleInWords(schedule),
  });
}
