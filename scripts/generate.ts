/**
 * Writes the parts of the documentation that follow from the code. With `--check`
 * it writes nothing, names what is out of date, and exits 1.
 */
import { readFile, writeFile } from 'node:fs/promises';
import {
  CausewayError,
  causeCodes,
  causeOf,
  errorCodes,
  traitsOf,
} from '../packages/contract/src/index.ts';
import { servedCalls } from '../packages/sandbox/src/calls.ts';
import { describeVariables } from '../packages/server/src/configuration-variables.ts';
import { openApiDocument } from '../packages/server/src/openapi.ts';
import { version } from '../packages/server/src/version.ts';
import { fillConnectingPage } from './connecting-page.ts';
import { errorExamples } from './error-examples.ts';
import { markdownTable } from './markdown-table.ts';
import { fillPolicyPage } from './policy-page.ts';

/** What each file should hold, given what it holds. */
const generatedFiles: Readonly<Record<string, (found: string) => string | Promise<string>>> = {
  'docs/openapi.json': async () => `${JSON.stringify(await openApiDocument(version), null, 2)}\n`,
  'docs/errors.md': writeErrors,
  'docs/checks.md': writeChecks,
  'docs/configuration.md': writeConfiguration,
  'docs/policy.md': fillPolicyPage,
  'docs/connecting.md': fillConnectingPage,
  'docs/sandbox-calls.md': writeSandboxCalls,
};

const root = new URL('../', import.meta.url);
const onlyCheck = process.argv.includes('--check');
for (const [name, generate] of Object.entries(generatedFiles)) {
  const file = new URL(name, root);
  const found = await readFile(file, 'utf8').catch(() => null);
  const wanted = await generate(found ?? '');
  if (found === wanted) continue;
  if (onlyCheck) {
    console.error(`${name} is out of date: run "npm run generate"`);
    process.exitCode = 1;
  } else {
    await writeFile(file, wanted);
    console.log(`${name} written`);
  }
}

function writeErrors(): string {
  const sections = errorCodes.map((code) => {
    const { status, retry } = traitsOf(code);
    const error = new CausewayError(code, errorExamples[code]);
    const traits = markdownTable(['Status', 'Retry'], [[String(status), `\`${retry}\``]]);
    return `## ${code}

${traits}

> ${error.message}

${error.hint}.
`;
  });
  return `# Errors

Every failure has a code that never changes, a message that says what was found, and a hint that may be
forwarded to whoever must act. Over HTTP the body is \`{"error": {"code", "message", "hint", "retry", "details", "requestId"}}\`.
\`retry\` says whether the same request may succeed later: \`never\`; \`after_fix\`, when somebody has changed
something; \`later\`, by itself.

${sections.join('\n')}`;
}

/** The causes of faults, each under its code, which is what reports link to. */
function writeChecks(): string {
  const turns = { customer: "the customer's", operator: "the operator's", aws: "AWS's" } as const;
  const sections = causeCodes.map((code) => {
    const { side, text } = causeOf(code);
    return `## ${code}

${text}. It is usually ${turns[side]} turn.
`;
  });
  return `# What a check may find

A check proves a connection by using it: it gets credentials, is refused without what makes them its own, finds the
bucket, lists, starts and aborts an upload, and is refused outside the prefix. It leaves nothing behind. Each step is
\`passed\`, \`failed\`, \`warned\` (it works; something could be better) or \`skipped\`, and a fault has a cause, whose code
never changes, the side that has to act, what AWS answered, and the fix: a sentence, the document, a JSON patch.

A new role takes up to a minute to spread through AWS: give a check \`waitSeconds\`, and no refusal counts within them.
\`POST /v1/connections/{id}/diagnose\` (\`causeway connections diagnose\`) reads pasted policies without asking AWS.

${sections.join('\n')}`;
}

function writeConfiguration(): string {
  const rows = describeVariables().map(({ name, description, preset, otherwise, example }) => {
    const without = preset === undefined ? (otherwise ?? '') : `\`${preset}\``;
    return [`\`${name}\``, description, without, `\`${example}\``];
  });
  return `# Configuration

A Causeway process is configured by environment variables, which it reads once when it starts. It reports all
that is wrong with them at once. Empty variables count as absent; relative paths start from the working directory.

${markdownTable(['Variable', 'What it says', 'Without it', 'Example'], rows)}
`;
}

function writeSandboxCalls(): string {
  const sections = Object.entries(servedCalls()).map(
    ([service, calls]) =>
      `## ${service} (${calls.length})\n\n${calls.map((call) => `\`${call}\``).join(', ')}\n`,
  );
  return `# Calls of the sandbox

Every other call is answered with \`501 NotImplemented\` (S3) or as an operation that does not exist. What each
service enforces, and what it leaves out, stands in [sandbox.md](sandbox.md).

${sections.join('\n')}`;
}
