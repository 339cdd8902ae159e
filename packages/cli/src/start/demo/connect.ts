import { guideDocument, guideValue } from '@causeway/contract';
import type { Client } from '@causeway/sdk';
import { printCheck } from '../../terminal/print-check.ts';
import { fields } from '../../terminal/table.ts';
import { type Connected, createSample, sampleCustomers } from '../sample.ts';
import { claim, type Narrator } from './narrator.ts';

/** Steps 1 to 3: from two names to two connections that are proved safe. */
export async function connectCustomers(
  client: Client,
  sandboxUrl: string,
  narrator: Narrator,
): Promise<readonly [Connected, Connected]> {
  const [first, second] = sampleCustomers;
  const both = await narrator.step('Two customers, and a connection for each', async () => {
    const made = [
      await createSample(client, sandboxUrl, first),
      await createSample(client, sandboxUrl, second),
    ] as const;
    for (const { sample, connection } of made) {
      narrator.say(
        fields({
          customer: sample.name,
          location: `s3://${connection.bucket}/${connection.prefix}`,
          'role name': connection.roleName,
          'external ID': connection.externalId,
        }),
      );
      narrator.say('');
    }
    return made;
  });
  await applyCarelessly(client, both[1], narrator);
  await applySetup(client, both[0], narrator);
  for (const connected of both) await checkSetup(client, connected, narrator);
  return both;
}

/** The mistake of every second vendor: a trust policy that asks for no external ID. */
async function applyCarelessly(client: Client, connected: Connected, narrator: Narrator) {
  const { sample, connection, admin } = connected;
  await narrator.step(`${sample.name} sets up its role, but forgets the external ID`, async () => {
    const guide = await client.connections.setupGuide({ id: connection.id });
    const trustPolicy = guideDocument(guide, 'trustPolicy');
    await admin.apply(guide, withoutExternalId(trustPolicy));
    const report = await client.connections.check({ id: connection.id });
    narrator.say(printCheck(report));
    claim(report.outcome === 'insecure', 'a role without the external ID is refused');
    narrator.proved('Refused: a connection like this is never activated');
    await admin.replaceTrustPolicy(guideValue(guide, 'roleName'), trustPolicy);
    narrator.say(`${sample.name} replaces the trust policy with the one that the check printed`);
  });
}

async function applySetup(client: Client, connected: Connected, narrator: Narrator) {
  const { sample, connection, admin } = connected;
  await narrator.step(`${sample.name}'s administrator follows the setup guide`, async () => {
    const guide = await client.connections.setupGuide({ id: connection.id });
    for (const [title, name] of [
      ['Trust policy', 'trustPolicy'],
      ['Permissions policy', 'permissionsPolicy'],
    ] as const) {
      narrator.say(`${title}\n${JSON.stringify(guideDocument(guide, name), null, 2)}`);
    }
    for (const step of await admin.apply(guide)) narrator.proved(step.title);
  });
}

async function checkSetup(client: Client, connected: Connected, narrator: Narrator) {
  const { sample, connection } = connected;
  await narrator.step(`The connection to ${sample.name} is checked`, async () => {
    const report = await client.connections.check({ id: connection.id, waitSeconds: 30 });
    narrator.say(printCheck(report));
    claim(report.outcome === 'healthy', `the connection to ${sample.name} is healthy`);
  });
}

function withoutExternalId(trustPolicy: Readonly<Record<string, unknown>>): object {
  const policy = structuredClone(trustPolicy) as {
    Statement: { Condition?: Record<string, Record<string, string>> }[];
  };
  for (const { Condition } of policy.Statement) delete Condition?.['StringEquals'];
  return policy;
}
