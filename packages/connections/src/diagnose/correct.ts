import type {
  CorrectedDocument,
  Correction,
  Diagnosis,
  DiagnosisFix,
  PastedPolicies,
} from '@causeway/contract';

/** A diagnosis without what all of its fixes come to. */
export type Opinion = Omit<Diagnosis, 'correction'>;

/** Enough for a fix to each demand; one that changes nothing ends it earlier. */
const mostRounds = 20;

/**
 * Applies fix after fix, each to what the ones before have left, until nothing is left to
 * mend or a fix changes nothing. The fixes of a diagnosis do not know of each other: two
 * of them may write the same document, and one document that refuses strangers may make
 * the others needless.
 */
export function correct(
  pasted: PastedPolicies,
  opinion: Opinion,
  again: (changed: PastedPolicies) => Opinion,
): Correction | null {
  const changed = new Map<string, CorrectedDocument>();
  let policies = pasted;
  let latest = opinion;
  for (let round = 0; round < mostRounds; round++) {
    const fixes = latest.demands.find((demand) => !demand.holds && demand.fixes.length > 0)?.fixes;
    if (fixes === undefined) break;
    const mended = fixes.reduce(withFix, policies);
    if (JSON.stringify(mended) === JSON.stringify(policies)) break;
    for (const { document, index, policy } of fixes) {
      changed.set(`${document} ${index}`, { document, index, policy });
    }
    policies = mended;
    latest = again(policies);
  }
  if (changed.size === 0) return null;
  const documents = [...changed.values()].map((document) => {
    const lean = withoutNeedless(document, { before: pasted, policies, latest, again });
    policies = withFix(policies, lean);
    return lean;
  });
  return { verdict: latest.verdict, documents };
}

interface Corrected {
  readonly before: PastedPolicies;
  readonly policies: PastedPolicies;
  readonly latest: Opinion;
  readonly again: (changed: PastedPolicies) => Opinion;
}

/** Takes out the statements of earlier fixes that a later one has made needless. */
function withoutNeedless(
  corrected: CorrectedDocument,
  { before, policies, latest, again }: Corrected,
): CorrectedDocument {
  const original = statementsOf(textOf(before, corrected));
  let lean = corrected;
  for (const statement of statementsOf(JSON.stringify(corrected.policy))) {
    const rest = statementsOf(JSON.stringify(lean.policy)).filter((each) => each !== statement);
    if (original.includes(statement) || rest.length === 0) continue;
    const Statement = rest.map((each): unknown => JSON.parse(each));
    const policy = { ...(lean.policy as object), Statement };
    const opinion = again(withFix(policies, { ...lean, policy }));
    if (unmet(opinion) <= unmet(latest)) lean = { ...lean, policy };
  }
  return lean;
}

const unmet = ({ demands }: Opinion) => demands.filter(({ holds }) => !holds).length;

/** Each as text, to compare. None of what is no list of statements. */
function statementsOf(text: string | undefined): readonly string[] {
  try {
    const { Statement } = JSON.parse(text ?? '{}') as { readonly Statement?: unknown };
    return Array.isArray(Statement) ? Statement.map((each) => JSON.stringify(each)) : [];
  } catch {
    return [];
  }
}

function textOf(policies: PastedPolicies, { document, index }: CorrectedDocument) {
  if (document === 'permissionsPolicy') return policies.permissionsPolicies?.[index];
  const field = single.find((each) => each === document);
  return field && policies[field];
}

function withFix(
  policies: PastedPolicies,
  fix: Pick<DiagnosisFix, 'document' | 'index' | 'policy'>,
): PastedPolicies {
  const text = JSON.stringify(fix.policy);
  if (fix.document === 'permissionsPolicy') {
    const { permissionsPolicies: own = [] } = policies;
    const others = own.filter((_, index) => index !== fix.index);
    return { ...policies, permissionsPolicies: others.toSpliced(fix.index, 0, text) };
  }
  const field = single.find((each) => each === fix.document);
  return field === undefined ? policies : { ...policies, [field]: text };
}

/** The documents that are pasted into a field of their own. */
const single = ['trustPolicy', 'bucketPolicy', 'keyPolicy', 'permissionsBoundary'] as const;
