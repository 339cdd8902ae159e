import { findGuideDocument, type SetupGuide } from '@causeway/contract';
import { choices, filledIn, type Parameter } from './cloudformation-parameters.ts';
import { templateResources } from './cloudformation-resources.ts';
import { revokeNote } from './revoke-commands.ts';

/**
 * The setup as a CloudFormation template: one stack without Lambda, macro or nested
 * stack, so that one box has to be ticked. What differs between connections is a
 * parameter with this connection's value, so that `withoutValues` leaves a template
 * that tells nothing of a customer and may be published.
 */
export function cloudFormationTemplate(guide: SetupGuide): object {
  const { resources, conditions, outputs } = templateResources(guide);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `${purposeOf(guide)} ${revokeNote}`,
    Metadata: {
      'AWS::CloudFormation::Interface': {
        ParameterGroups: [
          { Label: { default: 'Filled in for you' }, Parameters: Object.keys(filledIn(guide)) },
          {
            Label: { default: 'Only if your organization needs it' },
            Parameters: Object.keys(choices(guide)),
          },
        ],
      },
    },
    Parameters: { ...filledIn(guide), ...choices(guide) },
    ...(Object.keys(conditions).length > 0 && { Conditions: conditions }),
    Resources: resources,
    Outputs: outputs,
  };
}

/** The same without what is the customer's: for all connections of this kind. */
export function withoutValues(guide: SetupGuide): object {
  const template = cloudFormationTemplate(guide) as { Parameters: Record<string, Parameter> };
  const names = Object.keys(filledIn(guide));
  const parameters = Object.entries(template.Parameters).map(([name, parameter]) => {
    const { Default: _, ...rest } = parameter;
    return [name, names.includes(name) ? rest : parameter];
  });
  return { ...template, Parameters: Object.fromEntries(parameters) };
}

/** The values that a link hands to a published template. */
export function templateValues(guide: SetupGuide): Record<string, string> {
  const values = Object.entries(filledIn(guide));
  return Object.fromEntries(values.map(([name, { Default = '' }]) => [name, Default]));
}

function purposeOf(guide: SetupGuide): string {
  switch (guide.access) {
    case 'role':
    case 'web_identity':
      return 'Lets Causeway use one prefix of one S3 bucket by one IAM role. No Lambda, no users, no keys.';
    case 'access_key':
      return 'Makes the IAM user whose access key Causeway will have, for one prefix of one S3 bucket. The key itself is made by hand, so that no stack holds its secret.';
    case 'bucket_policy':
    case 'operator_role':
      return 'Lets IAM users or roles of this account use a bucket that was made for it.';
  }
}

/** What CloudFormation leaves to do. */
export function cloudFormationNotes(guide: SetupGuide): string[] {
  const notes: string[] = [];
  if (guide.owner === 'operator') {
    return ['Give the name of a user, group or role: the policy is attached to it.'];
  }
  if (findGuideDocument(guide, 'cors') !== undefined) {
    notes.push(
      'CloudFormation cannot change the CORS rules of a bucket that exists: use the script or the console for that one step. A bucket that the stack makes has them.',
    );
  }
  notes.push(
    'The policy of a bucket that exists stays as it is: CloudFormation can only replace it. If yours denies more than usual, use the script, which merges.',
  );
  if (guide.access === 'access_key') {
    notes.push(
      'The access key is made by hand, because everybody who may look at a stack sees its outputs.',
    );
  }
  return notes;
}
