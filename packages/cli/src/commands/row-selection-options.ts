import { type DeliveryCreate, FilterCondition, type RowFilter } from '@causeway/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** What `causeway deliveries create` is told about the rows and columns that are sent. */
export interface RowSelectionOptions {
  readonly columns?: string[];
  readonly where?: readonly FilterCondition[];
  readonly match: RowFilter['match'];
}

export function addRowSelectionOptions(command: Command): Command {
  return command
    .option('--columns <column...>', 'send these columns alone, in this order')
    .addOption(
      new Option(
        '--where <condition>',
        `send only rows that meet it, as "seats greater 10", "plan in free,pro" or "left_at is_null"; may be given again (${operators.join(', ')})`,
      ).argParser(toConditions),
    )
    .addOption(
      new Option('--match <which>', 'meet all conditions, or any')
        .choices(['all', 'any'])
        .default('all'),
    );
}

/** Only what was asked for: the rest has its default at the server. */
export function rowSelectionOf({ columns, where, match }: RowSelectionOptions) {
  return {
    ...(columns && { columns }),
    ...(where && { filter: { match, conditions: [...where] } }),
  };
}

/** Rows and columns as fields to show. */
export function describeSelection({
  filter,
  columns,
}: Pick<DeliveryCreate, 'filter' | 'columns'>): Record<string, string> {
  const conditions = filter?.conditions.map((condition) => {
    const value = 'value' in condition ? ` ${[condition.value].flat().join(',')}` : '';
    return `${condition.column} ${condition.operator}${value}`;
  });
  return {
    columns: columns?.join(', ') ?? 'all',
    rows: conditions?.join(filter?.match === 'any' ? ' or ' : ' and ') ?? 'all',
  };
}

const operators = FilterCondition.options.flatMap(({ shape }) => {
  const { operator } = shape;
  return 'options' in operator ? [...operator.options] : [operator.value];
});

const pattern = new RegExp(`^(.+?) (${operators.join('|')})(?: (.+))?$`, 's');

function toConditions(
  text: string,
  before: readonly FilterCondition[] = [],
): readonly FilterCondition[] {
  const [, column, operator, value] = pattern.exec(text) ?? [];
  const given = operator === 'in' ? value?.split(',') : value;
  const parsed = FilterCondition.safeParse({
    column,
    operator,
    ...(given !== undefined && { value: given }),
  });
  if (parsed.success) return [...before, parsed.data];
  throw new InvalidArgumentError('must be "<column> <operator> <value>"');
}
