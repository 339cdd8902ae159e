import { type CheckStep, type CheckStepId, checkStepIds, isCauseCode } from '@causeway/contract';
import type { CheckContext, CheckStepDefinition, Finding } from './check-context.ts';
import { endpointFinding } from './endpoint-finding.ts';

/** How a step ended. */
interface Ended {
  readonly step: CheckStep;
  /** The step that failed and kept this one from counting; its own definition when it failed itself. */
  readonly obstacle: CheckStepDefinition | null;
}

/**
 * Takes steps side by side, each as soon as those it needs have passed, and answers in
 * the order of `checkStepIds`.
 *
 * When one throws, `halt` is told to end pauses, and those under way are awaited before it
 * is thrown on, so that nothing they have made is left behind.
 */
export async function runSteps(
  definitions: readonly CheckStepDefinition[],
  context: CheckContext,
  session: CheckStepId,
  halt: (reason: unknown) => void,
): Promise<CheckStep[]> {
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  const started = new Map<CheckStepId, Promise<Ended>>();
  const start = (definition: CheckStepDefinition): Promise<Ended> => {
    const running = started.get(definition.id);
    if (running) return running;
    const taken = take(definition);
    taken.catch(halt);
    started.set(definition.id, taken);
    return taken;
  };
  const endsOf = (ids: readonly (CheckStepId | 'session')[]) =>
    Promise.all(
      ids
        .map((id) => byId.get(id === 'session' ? session : id))
        .filter((definition) => definition !== undefined)
        .map(start),
    );
  const take = async (definition: CheckStepDefinition): Promise<Ended> => {
    const { after, mootIfFailed = [] } = definition;
    const needed = obstacleIn(await endsOf(after));
    if (needed)
      return skipped(definition, `Not run, because "${needed.title}" did not pass`, needed);
    context.deps.signal?.throwIfAborted();
    const begin = performance.now();
    const finding = await definition.run(context).catch((error: unknown) => {
      const found = endpointFinding(context.connection, error);
      if (found) return found;
      throw error;
    });
    const durationMs = Math.round(performance.now() - begin);
    const doubt = obstacleIn(await endsOf(mootIfFailed));
    if (doubt) {
      return skipped(definition, `Not judged, because "${doubt.title}" did not pass`, doubt, {
        durationMs,
        evidence: finding.evidence,
      });
    }
    return {
      step: { id: definition.id, title: definition.title, ...documented(finding), durationMs },
      obstacle: finding.verdict === 'failed' ? definition : null,
    };
  };
  const results = await Promise.allSettled(definitions.map(start));
  const thrown = results.find((result) => result.status === 'rejected');
  if (thrown) throw thrown.reason;
  const steps = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value.step] : [],
  );
  return steps.toSorted((a, b) => checkStepIds.indexOf(a.id) - checkStepIds.indexOf(b.id));
}

/** Says where the cause is explained: every one of the catalogue is, under its code. */
function documented(finding: Finding): Finding {
  const { cause } = finding;
  return cause !== undefined && isCauseCode(cause)
    ? { docs: `docs/checks.md#${cause}`, ...finding }
    : finding;
}

function obstacleIn(ends: readonly Ended[]): CheckStepDefinition | null {
  return ends.find(({ obstacle }) => obstacle !== null)?.obstacle ?? null;
}

function skipped(
  { id, title }: CheckStepDefinition,
  message: string,
  obstacle: CheckStepDefinition,
  more: { durationMs: number; evidence?: Finding['evidence'] } = { durationMs: 0 },
): Ended {
  const { durationMs, evidence } = more;
  const finding = { verdict: 'skipped' as const, message, ...(evidence && { evidence }) };
  return { step: { id, title, ...finding, durationMs }, obstacle };
}
