import type { SetupGuide } from '@causeway/contract';
import { templateValues } from './cloudformation.ts';
import { consoleHost } from './console-host.ts';

/**
 * The link that opens CloudFormation with everything filled in. AWS fetches the template
 * from S3 and from nowhere else, so it must be published there first.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
 *
 * @param templateUrl An `https` address of S3, at most 1,024 characters long.
 */
export function launchUrl(guide: SetupGuide, templateUrl: string, region: string): string {
  const values = Object.entries(templateValues(guide)).map(
    ([name, value]) => [`param_${name}`, value] as const,
  );
  const stackName = guide.connectionId.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 40);
  const query = [['templateURL', templateUrl], ['stackName', `causeway-${stackName}`], ...values];
  const text = query.map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`).join('&');
  const stackRegion = guide.region ?? region;
  return `https://${consoleHost(guide.partition)}/cloudformation/home?region=${stackRegion}#/stacks/create/review?${text}`;
}
