import type { DeliveryUpdate } from '@causeway/contract';
import { type Command, Option } from 'commander';
import { collectProperty } from '../client-command.ts';

/** What commands of deliveries are told about whom they go to. */
export interface AudienceOptions {
  readonly customer?: string[];
  readonly allCustomers?: boolean;
  readonly customersWith?: Readonly<Record<string, string>>;
  readonly customersMatch?: 'all' | 'any';
}

export function addAudienceOptions(command: Command): Command {
  return command
    .option('--customer <id...>', 'one or more customers')
    .addOption(
      new Option(
        '--all-customers',
        'all customers, also those to come, that have a connection',
      ).conflicts(['customer', 'customersWith']),
    )
    .addOption(
      new Option(
        '--customers-with <key=value>',
        'customers, also those to come, by a property; may be given again',
      )
        .argParser((pair: string, all?: Record<string, string>) => collectProperty(pair, all ?? {}))
        .conflicts('customer'),
    )
    .addOption(
      new Option('--customers-match <which>', 'by all of these properties (default), or any')
        .choices(['all', 'any'])
        .conflicts(['customer', 'allCustomers']),
    );
}

/** Only what was asked for. */
export function audienceOf({
  customer,
  allCustomers,
  customersWith,
  customersMatch = 'all',
}: AudienceOptions): Pick<DeliveryUpdate, 'customerIds' | 'customerRule'> {
  if (customer) return { customerIds: customer };
  if (allCustomers) return { customerRule: { match: 'all', properties: {} } };
  if (!customersWith) return {};
  return { customerRule: { match: customersMatch, properties: { ...customersWith } } };
}
