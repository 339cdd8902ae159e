import { Command, InvalidArgumentError } from 'commander';
import { examples } from '../client-command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { VerifyOptions } from '../verify/run-verify.ts';

/** `causeway verify`: proves a delivery from the receiver's side. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description("prove a delivery from the receiver's side: signature, checksums, rows, gaps")
    .argument('<target>', 'a folder with deliveries, or the s3:// address of a prefix or manifest')
    .option(
      '--keys <file or URL>',
      "the operator's public keys: https://<operator>/.well-known/causeway-keys.json",
    )
    .option(
      '--key <base64...>',
      "the operator's public key itself, as you were told it: nothing is asked of anybody then",
      publicKeys,
    )
    .option('--endpoint-url <url>', 'an S3-compatible store or sandbox instead of AWS')
    .option('--region <region>', 'the region of the bucket', 'us-east-1')
    .option('--owner <account>', 'the account that must own the bucket (default: your own)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nAWS credentials are taken from the usual AWS_* variables.\nExits with ${exitCodes.notProved} if anything is not as it should be.`,
    )
    .addHelpText(
      'after',
      examples(
        'causeway verify ./downloads --keys keys.json',
        'causeway verify ./downloads --key 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
        'causeway verify s3://acme-data/causeway/ --keys https://data.example.com/.well-known/causeway-keys.json',
      ),
    )
    .action(async (target: string, options: VerifyOptions, command: Command) => {
      if (options.keys === undefined && options.key === undefined) {
        command.error('error: name the keys to verify with: --keys or --key');
      }
      const { runVerify } = await import('../verify/run-verify.ts');
      await runVerify(target, options);
    });
}

/** @throws InvalidArgumentError, which counts as wrong usage. */
function publicKeys(text: string, before: readonly string[] = []): readonly string[] {
  if (/^[A-Za-z0-9+/]{43}=$/.test(text)) return [...before, text];
  throw new InvalidArgumentError('It must be 32 bytes in base64.');
}
