import {
  type CheckDeps,
  launchUrl,
  publishTemplate,
  renderSetup,
  setupGuide,
} from '@causeway/connections';
import type { Connection, SetupGuide } from '@causeway/contract';
import { api } from './implementer.ts';

/** What setup guides say of the operator, and where its templates are. */
export interface SetupAccess
  extends Pick<CheckDeps, 'operator' | 'credentials' | 'region' | 'endpoint' | 'browserOrigins'> {
  readonly operatorName: string;
  /** Null: none, and so no link that opens CloudFormation. */
  readonly templateBucket: string | null;
}

export function setupRoutes(access: SetupAccess) {
  const { operator, operatorName, browserOrigins: origins = [] } = access;
  const guideOf = (connection: Connection) => setupGuide(connection, operator, { origins });
  return {
    setupGuide: api.connections.setupGuide.handler(async ({ input, context }) =>
      guideOf(await context.store.connections.get(input.id)),
    ),
    setup: api.connections.setup.handler(async ({ input, context }) => {
      const guide = guideOf(await context.store.connections.get(input.id));
      const rendering = renderSetup(guide, input.tool, { operatorName });
      if (input.tool !== 'cloudformation') return rendering;
      const launch = await launchOf(guide, access);
      if ('url' in launch) return { ...rendering, launchUrl: launch.url };
      return { ...rendering, notes: [...rendering.notes, launch.reason] };
    }),
  };
}

/**
 * The link that opens CloudFormation, or why there is none. A template can always be
 * uploaded by hand, so a bucket that refuses the operator spoils nothing but the link.
 */
async function launchOf(
  guide: SetupGuide,
  { operator, credentials, region, endpoint, templateBucket: bucket }: SetupAccess,
): Promise<{ url: string } | { reason: string }> {
  const byHand =
    'in the AWS console choose CloudFormation, Create stack, Upload a template file instead';
  if (bucket === null || operator.withoutAccount || endpoint !== undefined) {
    return {
      reason: `There is no link that opens CloudFormation, for the operator has no bucket for templates that AWS can read: ${byHand}.`,
    };
  }
  const { accountId } = operator;
  try {
    const templateUrl = await publishTemplate(guide, { bucket, region, accountId, credentials });
    return { url: launchUrl(guide, templateUrl, region) };
  } catch (error) {
    const code = error instanceof Error ? error.name : 'no answer';
    return {
      reason: `There is no link that opens CloudFormation, for the template could not be put into the operator's bucket "${bucket}" (${code}): ${byHand}.`,
    };
  }
}
