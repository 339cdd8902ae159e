import { Command, Option } from 'commander';
import { examples } from '../client-command.ts';
import type { ReceiptOptions } from '../verify/run-receipt.ts';

/** `causeway receipt`: tells the sender that a delivery has arrived. */
export function receiptCommand(): Command {
  return new Command('receipt')
    .description('tell the sender that a delivery has arrived, by an object beside it')
    .argument('<manifest>', 'the s3:// address of the manifest')
    .addOption(
      new Option('--status <status>', 'what became of it')
        .choices(['received', 'rejected'])
        .default('received'),
    )
    .option('--message <text>', 'words for the people on the other side, up to 500 characters')
    .option('--endpoint-url <url>', 'an S3-compatible store or sandbox instead of AWS')
    .option('--region <region>', 'the region of the bucket', 'us-east-1')
    .option('--owner <account>', 'the account that must own the bucket (default: your own)')
    .addOption(
      new Option('--acl <acl>', 'for a bucket that demands it of every write').choices([
        'bucket-owner-full-control',
      ]),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nNeeds s3:GetObject on the manifest and s3:PutObject on "_causeway/receipts/*" below its prefix.\nAWS credentials are taken from the usual AWS_* variables.',
    )
    .addHelpText(
      'after',
      examples(
        'causeway receipt s3://acme-data/causeway/_manifests/flights/dt=2026-11-22/manifest_run_....json',
        'causeway receipt s3://... --status rejected --message "airport codes are in lower case"',
        'causeway receipt s3://acme-k3v9x2m8q1w7z5/outbound/_manifests/... --owner 111111111111',
      ),
    )
    .action(async (manifest: string, options: ReceiptOptions) => {
      const { runReceipt } = await import('../verify/run-receipt.ts');
      await runReceipt(manifest, options);
    });
}
