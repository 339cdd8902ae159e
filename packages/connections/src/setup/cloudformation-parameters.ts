import { findGuideValue, guideValue, type SetupGuide } from '@causeway/contract';

/** A parameter of a template. Those without a value are filled in by whoever uses it. */
export interface Parameter {
  readonly Type: 'String';
  readonly Description: string;
  readonly Default?: string;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly string[];
}

/** What differs between connections. */
export function filledIn(guide: SetupGuide): Record<string, Parameter> {
  const values: Record<string, Parameter> = {};
  const add = (
    name: string,
    value: string | undefined,
    rest: Omit<Parameter, 'Type' | 'Default'>,
  ) => {
    if (value !== undefined) values[name] = { Type: 'String', Default: value, ...rest };
  };
  if (guide.owner === 'operator') {
    const name = guide.access === 'operator_role' ? 'BucketRoleArn' : 'BucketArn';
    const value = guideValue(guide, guide.access === 'operator_role' ? 'roleArn' : 'bucketArn');
    add(name, value, { Description: 'What was made for you: do not change' });
    return values;
  }
  add('BucketName', guideValue(guide, 'bucket'), {
    Description: 'The bucket to connect',
    AllowedPattern: '^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$',
  });
  add('Prefix', findGuideValue(guide, 'prefix'), {
    Description: 'The folder in it, with a slash at the end: nothing outside it can be reached',
    AllowedPattern: '^([A-Za-z0-9_.=-]+/)+$',
  });
  add('ExternalId', findGuideValue(guide, 'externalId'), {
    Description: 'Made for this connection alone: do not change',
    AllowedPattern: '^[A-Za-z0-9+=,.@:/_-]{2,1224}$',
  });
  add('Subject', findGuideValue(guide, 'subject'), {
    Description: 'Made for this connection alone: do not change',
    AllowedPattern: '^[^*?]{2,255}$',
  });
  add('RoleName', findGuideValue(guide, 'roleName'), {
    Description: 'Causeway finds the role by this name: do not change',
    AllowedPattern: '^[A-Za-z0-9+=,.@_-]{1,64}$',
  });
  add('UserName', findGuideValue(guide, 'userName'), {
    Description: 'Of the user whose key Causeway will have',
    AllowedPattern: '^[A-Za-z0-9+=,.@_-]{1,64}$',
  });
  return values;
}

/** What the administrator may choose. */
export function choices(guide: SetupGuide): Record<string, Parameter> {
  if (guide.owner === 'operator') {
    const name = (kind: string): Parameter => ({
      Type: 'String',
      Description: `Name of the ${kind} that is to use the bucket; empty for none`,
      Default: '',
    });
    return { UserName: name('user'), GroupName: name('group'), RoleName: name('role') };
  }
  const yesOrNo = (Description: string): Parameter => ({
    Type: 'String',
    Description,
    AllowedValues: ['no', 'yes'],
    Default: 'no',
  });
  return {
    CreateBucket: yesOrNo(
      'Make the bucket too. It stays when the stack is deleted. Create the stack in its region',
    ),
    ...(guide.access === 'web_identity' && {
      RegisterIssuer: {
        ...yesOrNo('Register who signs the tokens, unless your account has this provider already'),
        Default: 'yes',
      },
    }),
    PermissionsBoundaryArn: {
      Type: 'String',
      Description: 'Permissions boundary, where your organization demands one',
      AllowedPattern: '^(arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+)?$',
      Default: '',
    },
  };
}
