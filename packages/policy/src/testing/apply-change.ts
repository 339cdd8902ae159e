import { applyJsonPatch, type Change } from '../index.ts';

/** A case in JSON, as far as a change touches it. */
export interface Case {
  readonly request: { readonly context?: object };
  readonly [list: string]: unknown;
}

/** The case with a change made to its documents and its request. */
export function applyChange(given: Case, change: Change): Case {
  const changed = structuredClone(given) as Record<string, unknown> & Case;
  for (const { document, patch } of change.edits) {
    const [list = '', ...indexes] = document.split(/[[\].]+/).filter((step) => step !== '');
    changed[list] = changeAt(changed[list], indexes, (before) => {
      const json: unknown = typeof before === 'string' ? JSON.parse(before) : (before ?? null);
      return applyJsonPatch(json, patch);
    });
  }
  const asked = Object.keys(change.context);
  const kept = Object.entries(changed.request.context ?? {}).filter(
    ([key]) => !asked.includes(key.toLowerCase()),
  );
  const context = { ...Object.fromEntries(kept), ...change.context };
  return { ...changed, request: { ...changed.request, context } };
}

function changeAt(
  value: unknown,
  indexes: readonly string[],
  change: (before: unknown) => unknown,
): unknown {
  const [index, ...rest] = indexes;
  if (index === undefined) return change(value);
  const list = Array.isArray(value) ? [...value] : [];
  list[Number(index)] = changeAt(list[Number(index)], rest, change);
  return list.filter((item) => item !== null);
}
