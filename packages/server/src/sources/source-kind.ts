import type { Column, Source } from '@causeway/contract';
import type { OpenSource } from '@causeway/delivery';

/** Where the rows of datasets are read from, whatever the kind. */
export interface Sources {
  /**
   * A source as it is kept with its dataset: what was left out is found out now, and
   * never guessed again.
   *
   * @throws CausewayError `invalid_request`; as {@link open} does.
   */
  settle(source: Source, signal?: AbortSignal): Promise<Source>;
  /**
   * The version of a source: the time of its last change in ISO 8601, of which the
   * fraction of a second may be a fingerprint. Null when nobody can tell.
   *
   * @throws CausewayError as {@link open} does.
   */
  version(source: Source, signal?: AbortSignal): Promise<string | null>;
  /**
   * Opens a source to be read, with the types of the columns that its dataset has.
   *
   * @throws CausewayError `source_not_allowed`, `source_not_readable`, `postgres_not_readable`.
   */
  open(dataset: SourceOfDataset, signal?: AbortSignal): Promise<OpenSource>;
}

/** What reading a source needs of its dataset. */
export interface SourceOfDataset {
  readonly source: Source;
  /** Known columns. Empty while the dataset is being made. */
  readonly schema: readonly Column[];
  /** Not while the dataset is being made. */
  readonly id?: string;
}

/** {@link Sources}, for sources of one kind. */
export interface SourceKind<S extends Source> {
  settle(source: S, signal: AbortSignal | undefined): Promise<S>;
  version(source: S, signal: AbortSignal | undefined): Promise<string | null>;
  open(
    dataset: SourceOfDataset & { readonly source: S },
    signal: AbortSignal | undefined,
  ): Promise<OpenSource>;
}
