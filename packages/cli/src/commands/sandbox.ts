import { Command } from 'commander';
import { examples, wholeNumber } from '../client-command.ts';
import type { SandboxOptions } from '../start/run-sandbox.ts';

/** `causeway sandbox`: a local AWS. */
export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('start a local AWS: S3, STS, IAM, KMS and SQS with every policy enforced')
    .option('--port <port>', 'the port; 0 takes any that is free', wholeNumber, 4566)
    .option('--or-any-port', 'takes any free port where that one is taken')
    .option('--data <dir>', 'keep everything in this folder; otherwise it is gone when stopped')
    .option('--tls-port <port>', 'adds HTTPS, with a certificate made at start', wholeNumber)
    .option('--strict-transport', 'makes aws:SecureTransport false on the plain port')
    .option(
      '--config <file>',
      'accounts, as {"accounts":[{"id","alias","accessKeyId","secretAccessKey"}]}, and an organization',
    )
    .addHelpText(
      'after',
      examples(
        'causeway sandbox --port 4566 &',
        'AWS_ACCESS_KEY_ID=AKIASANDBOX222222222 AWS_SECRET_ACCESS_KEY=sandbox-secret-222222222222 \\',
        '  aws --endpoint-url http://127.0.0.1:4566 s3 mb s3://acme-data',
        'causeway sandbox --tls-port 4567 --strict-transport --data ./sandbox',
      ),
    )
    .action(async (options: SandboxOptions) => {
      const { runSandbox } = await import('../start/run-sandbox.ts');
      await runSandbox(options);
    });
}
