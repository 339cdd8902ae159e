import { type Dataset, SchemaPolicy } from '@causeway/contract';
import { type Command, Option } from 'commander';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  defined,
  examples,
  print,
} from '../client-command.ts';
import { namesSource, type SourceOptions, sourceOf, sourceOptions } from './dataset-source.ts';

export function schemaPolicyOption(): Option {
  const text = 'send columns that the source gets, or leave them out (default: evolve)';
  return new Option('--schema-policy <policy>', text).choices(SchemaPolicy.options);
}

interface UpdateOptions extends ClientOptions, SourceOptions {
  readonly schemaPolicy?: SchemaPolicy;
  readonly acceptSchema?: true;
}

/** `causeway datasets update`. */
export function updateDataset(show: (dataset: Dataset) => string): Command {
  return sourceOptions(clientCommand('update', 'change where a dataset is read from, and how'))
    .argument('<id>', 'the dataset')
    .addOption(schemaPolicyOption())
    .option('--accept-schema', 'whatever columns the new source has')
    .addHelpText(
      'after',
      examples(
        'causeway datasets update ds_... --schema-policy freeze',
        'causeway datasets update ds_... --postgres postgres://reader@new.internal/shop --table public.orders --password',
      ),
    )
    .action(async (id: string, options: UpdateOptions, command: Command) => {
      const { schemaPolicy, acceptSchema } = options;
      const dataset = await clientFor(options).datasets.update({
        id,
        ...defined({ schemaPolicy, acceptSchema }),
        ...(namesSource(options) && { source: await sourceOf(options, command) }),
      });
      print(options, dataset, show);
    });
}

/** `causeway datasets refresh`. */
export function refreshDataset(show: (dataset: Dataset) => string): Command {
  return clientCommand('refresh', 'accept the columns that the source has now')
    .argument('<id>', 'the dataset')
    .addHelpText(
      'after',
      '\nAlso those that are gone or have another type, which make runs fail with schema_changed.',
    )
    .addHelpText('after', examples('causeway datasets refresh ds_...'))
    .action(async (id: string, options: ClientOptions) => {
      print(options, await clientFor(options).datasets.refresh({ id }), show);
    });
}
