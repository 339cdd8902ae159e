import { AwsError } from '../http/aws-error.ts';
import type { QueryOperation, QueryRequest } from '../query/query-operation.ts';
import {
  type AskedSession,
  openRoleSession,
  readRoleArn,
  readSessionName,
  sessionDemands,
} from './role-session.ts';
import { readDuration } from './session-duration.ts';
import { readSessionTags } from './session-tags.ts';

export const assumeRole: QueryOperation = {
  name: 'AssumeRole',
  demands: (request) => {
    const asked = readParameters(request);
    if (request.caller.kind === 'root') {
      throw new AwsError(403, 'AccessDenied', 'Roles may not be assumed by root accounts.');
    }
    refuseOtherSource(request, asked);
    return sessionDemands(request, 'sts:AssumeRole', asked, {
      ...(asked.externalId !== null && { 'sts:ExternalId': asked.externalId }),
    });
  },
  run: (request) => openRoleSession(request, readParameters(request)),
};

interface Asked extends AskedSession {
  readonly externalId: string | null;
}

function readParameters(request: QueryRequest): Asked {
  const { parameters, caller } = request;
  readDuration(request);
  const sessionName = readSessionName(request);
  const externalId = parameters.optionalText('ExternalId', {
    pattern: /[\w+=,.@:/-]*/,
    min: 2,
    max: 1224,
  });
  const source = parameters.optionalText('SourceIdentity', {
    pattern: /[\w+=,.@-]*/,
    min: 2,
    max: 64,
  });
  refuseMfa(request);
  return {
    roleArn: readRoleArn(request),
    sessionName,
    externalId,
    tags: readSessionTags(parameters, caller.handsOn),
    sourceIdentity: source ?? caller.handsOn?.sourceIdentity ?? null,
  };
}

/** @throws AwsError `NotImplemented`: an MFA code that nobody checks would prove nothing. */
function refuseMfa({ parameters }: QueryRequest): void {
  for (const name of ['SerialNumber', 'TokenCode', 'ProvidedContexts']) {
    if (parameters.has(name)) {
      throw new AwsError(
        501,
        'NotImplemented',
        `The sandbox does not have "${name}" of AssumeRole`,
      );
    }
  }
}

/** Who a chain of roles began with cannot be changed on the way. */
function refuseOtherSource({ caller }: QueryRequest, asked: Asked): void {
  const first = caller.handsOn?.sourceIdentity ?? null;
  if (first === null || first === asked.sourceIdentity) return;
  throw new AwsError(
    403,
    'AccessDenied',
    `User: ${caller.arn} is not authorized to perform: sts:SetSourceIdentity on resource: ${asked.roleArn}`,
  );
}
