import { createHash } from 'node:crypto';
import {
  CausewayError,
  existingRoleStep,
  type SetupGuide,
  type SetupRendering,
  type SetupTool,
} from '@causeway/contract';
import { adminMessage } from './admin-message.ts';
import { cliScript } from './cli-script.ts';
import { cloudFormationNotes, cloudFormationTemplate } from './cloudformation.ts';
import { consoleText } from './console-text.ts';
import { terraformFile, terraformNotes } from './terraform.ts';

export interface RenderOptions {
  /** Who asks, in the words of the customer. */
  readonly operatorName: string;
}

/**
 * Writes a guide for one tool.
 *
 * @throws CausewayError `setup_not_possible` while bucket or account are not known, and
 * for tools that a store elsewhere than AWS does not have, or that cannot add to a role that exists.
 */
export function renderSetup(
  guide: SetupGuide,
  tool: SetupTool,
  options: RenderOptions,
): SetupRendering {
  if (guide.missing.length > 0) {
    const what = { location: 'its bucket', accountId: 'its AWS account' };
    const missing = guide.missing.map((name) => what[name]).join(' and ');
    throw refuse(guide, `the customer has yet to name ${missing}`);
  }
  const elsewhere = guide.accountId === null;
  if (elsewhere && (tool === 'cloudformation' || tool === 'terraform')) {
    throw refuse(guide, `${tool} makes things in AWS, and the bucket is in another store`);
  }
  if (existingRoleStep(guide) && (tool === 'cloudformation' || tool === 'terraform')) {
    throw refuse(guide, `${tool} makes roles and cannot add to yours, which exists`);
  }
  const written = write(guide, tool, options);
  const sha256 = createHash('sha256').update(written.content).digest('hex');
  return { tool, notes: [], launchUrl: null, ...written, sha256 };
}

type Written = Pick<SetupRendering, 'fileName' | 'mediaType' | 'content'> & {
  readonly notes?: string[];
};

function write(guide: SetupGuide, tool: SetupTool, { operatorName }: RenderOptions): Written {
  switch (tool) {
    case 'cloudformation':
      return {
        fileName: 'causeway.template.json',
        mediaType: 'application/json',
        content: pretty(cloudFormationTemplate(guide)),
        notes: cloudFormationNotes(guide),
      };
    case 'terraform':
      return {
        fileName: 'causeway.tf',
        mediaType: 'text/plain',
        content: terraformFile(guide),
        notes: terraformNotes(guide),
      };
    case 'cli':
      return {
        fileName: 'causeway-setup.sh',
        mediaType: 'application/x-sh',
        content: cliScript(guide),
        notes: ['Read it before you run it: bash causeway-setup.sh'],
      };
    case 'console':
      return { fileName: 'causeway.md', mediaType: 'text/markdown', content: consoleText(guide) };
    case 'json':
      return {
        fileName: 'causeway.json',
        mediaType: 'application/json',
        content: pretty(
          Object.fromEntries(
            guide.documents
              .filter(({ side }) => side === 'customer')
              .map(({ name, document }) => [name, document]),
          ),
        ),
      };
    case 'message':
      return {
        fileName: 'message.txt',
        mediaType: 'text/plain',
        content: adminMessage(guide, operatorName),
      };
  }
}

function pretty(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function refuse({ connectionId }: SetupGuide, reason: string): CausewayError {
  return new CausewayError('setup_not_possible', { connectionId, reason });
}
