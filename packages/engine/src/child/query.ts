import { duckDbReason, JobError } from './job-error.ts';
import type { Session } from './session.ts';
import { quoteLiteral } from './sql.ts';

/**
 * The one way a query of a user's gets into ours: read by DuckDB's own parser, it must be
 * a lone SELECT over `tables` and what it names itself. The session it runs in reaches no
 * other file and no network besides; this keeps it from the catalogue, from settings,
 * which tell of this machine, and from writing to files that it may read.
 *
 * @throws JobError `query_not_usable`.
 */
export async function checkQuery(
  session: Session,
  query: string,
  tables: readonly string[],
): Promise<string> {
  const [row] = await session.rows(`SELECT json_serialize_sql(${quoteLiteral(query)}) AS tree`);
  const tree: SerializedQuery = JSON.parse(String(row?.['tree']));
  if (tree.error) throw refused(reasonOf(tree));
  if (tree.statements.length !== 1) throw refused('it must be one statement');
  const views = await session.rows('SELECT view_name FROM duckdb_views() WHERE internal');
  const names = namesIn(tree);
  const reserved = new Set(views.map((view) => String(view['view_name']).toLowerCase()));
  const known = new Set([...tables, ...names].map((name) => name.toLowerCase()));
  for (const name of names) {
    if (reserved.has(name.toLowerCase())) throw refused(`"${name}" is a name of DuckDB's own`);
  }
  visit(tree, (node) => checkNode(node, known, tables));
  return query.replace(/[;\s]+$/, '');
}

interface SerializedQuery extends Node {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly statements: readonly unknown[];
}

type Node = Readonly<Record<string, unknown>>;

/** Table functions that make rows of their arguments alone. */
const tableFunctions = new Set([
  'generate_series',
  'json_each',
  'json_tree',
  'range',
  'repeat',
  'repeat_row',
  'unnest',
]);

/** Scalar functions that tell of the session, the settings or the catalogue, or write to a log. */
const deniedFunctions =
  /^(current_(setting|query|schemas?|catalog|database|user|role)|getenv|getvariable|session_user|user|version|nextval|currval|write_log|add_parquet_key|get_block_size|txid_current|in_search_path|pg_.*|has_.*|inet_.*|.*_description)$/;

function checkNode(node: Node, known: ReadonlySet<string>, tables: readonly string[]): void {
  switch (node['type']) {
    case 'BASE_TABLE':
      checkTable(node, known, tables);
      break;
    case 'TABLE_FUNCTION': {
      const name = functionName(node['function'] as Node);
      if (!tableFunctions.has(name)) throw refused(`it reads from function "${name}"`);
      break;
    }
    case 'SHOW_REF':
      throw refused('it describes or summarizes instead of selecting');
    case 'VALUE_PARAMETER':
      throw refused('it has parameters');
    case 'FUNCTION':
      if (deniedFunctions.test(functionName(node))) {
        throw refused(`it calls function "${functionName(node)}"`);
      }
      break;
    default:
      break;
  }
}

function checkTable(node: Node, known: ReadonlySet<string>, tables: readonly string[]): void {
  const name = String(node['table_name']);
  const isPlain = node['schema_name'] === '' && node['catalog_name'] === '';
  if (isPlain && known.has(name.toLowerCase())) return;
  const full = [node['catalog_name'], node['schema_name'], name].filter((part) => part !== '');
  const list = tables.map((table) => `"${table}"`).join(', ');
  throw refused(`it reads from "${full.join('.')}", and there are only ${list}`);
}

function functionName(node: Node | undefined): string {
  return String(node?.['function_name']).toLowerCase();
}

/** What the query calls the parts that it makes itself (WITH). */
function namesIn(tree: Node): string[] {
  const names: string[] = [];
  visit(tree, (node) => {
    const { map } = (node['cte_map'] ?? {}) as { map?: readonly { readonly key: string }[] };
    for (const { key } of map ?? []) names.push(key);
  });
  return names;
}

function visit(value: unknown, act: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, act);
  else if (typeof value === 'object' && value !== null) {
    act(value as Node);
    for (const part of Object.values(value)) visit(part, act);
  }
}

function reasonOf({ error_type: type, error_message: message = '' }: SerializedQuery): string {
  if (type === 'not implemented') return 'it must be a SELECT, and nothing else';
  return duckDbReason(message);
}

function refused(reason: string): JobError {
  return new JobError({ code: 'query_not_usable', reason });
}
