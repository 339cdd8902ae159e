import { randomBytes } from 'node:crypto';
import type { Demand } from '../access/authorize.ts';
import type { JsonOperation, JsonRequest, JsonResult } from '../json-protocol/json-operation.ts';
import type { Members } from '../json-protocol/members.ts';
import type { KmsKeyRecord } from '../state/kms-records.ts';
import { type EncryptionContext, invalidCiphertext, keyIdOf, open, seal } from './ciphertext.ts';
import { type FoundKey, findKey, keyWithId, mustBeEnabled } from './find-key.ts';
import { keyArn } from './key-arn.ts';
import { encryptionContextKeys } from './key-demand.ts';
import { deniedAcrossAccounts, kmsError } from './kms-error.ts';
import { accountOperation, demandOn, namedKey } from './kms-operation.ts';

const maxPlaintextBytes = 4096;
const maxCiphertextBytes = 6144;
const algorithm = 'SYMMETRIC_DEFAULT';

export const encrypt = keyUse('Encrypt', ({ input }, key) => {
  const sealed = seal(key, input.bytes('Plaintext', maxPlaintextBytes), contextOf(input));
  return {
    CiphertextBlob: sealed.toString('base64'),
    KeyId: keyArn(key),
    EncryptionAlgorithm: algorithm,
  };
});

export const generateDataKey = keyUse('GenerateDataKey', ({ input }, key) => {
  const plaintext = randomBytes(dataKeyBytes(input));
  return {
    CiphertextBlob: seal(key, plaintext, contextOf(input)).toString('base64'),
    Plaintext: plaintext.toString('base64'),
    KeyId: keyArn(key),
  };
});

export const generateDataKeyWithoutPlaintext = keyUse(
  'GenerateDataKeyWithoutPlaintext',
  ({ input }, key) => ({
    CiphertextBlob: seal(key, randomBytes(dataKeyBytes(input)), contextOf(input)).toString(
      'base64',
    ),
    KeyId: keyArn(key),
  }),
);

export const decrypt: JsonOperation = {
  name: 'Decrypt',
  demands: (request) => [
    demandOn(
      request,
      'Decrypt',
      sealingKey(request, 'Decrypt', 'KeyId'),
      encryptionContextKeys(contextOf(request.input)),
    ),
  ],
  run: (request) => {
    const { input } = request;
    const { key } = sealingKey(request, 'Decrypt', 'KeyId');
    mustBeEnabled(key);
    checkOptions(input, key);
    return {
      Plaintext: open(key, ciphertextOf(input), contextOf(input)).toString('base64'),
      KeyId: keyArn(key),
      EncryptionAlgorithm: algorithm,
    };
  },
};

export const reEncrypt: JsonOperation = {
  name: 'ReEncrypt',
  demands: (request) => {
    const from = sealingKey(request, 'ReEncryptFrom', 'SourceKeyId');
    const to = destination(request);
    const same = { 'kms:ReEncryptOnSameKey': String(from.key.id === to.key.id) };
    return [
      demandOn(request, 'ReEncryptFrom', from, {
        ...encryptionContextKeys(contextOf(request.input, 'SourceEncryptionContext')),
        ...same,
      }),
      demandOn(request, 'ReEncryptTo', to, {
        ...encryptionContextKeys(contextOf(request.input, 'DestinationEncryptionContext')),
        ...same,
      }),
    ];
  },
  run: (request) => {
    const { input } = request;
    const from = sealingKey(request, 'ReEncryptFrom', 'SourceKeyId').key;
    const to = destination(request).key;
    mustBeEnabled(from);
    mustBeEnabled(to);
    checkOptions(input, to);
    const plaintext = open(from, ciphertextOf(input), contextOf(input, 'SourceEncryptionContext'));
    const sealed = seal(to, plaintext, contextOf(input, 'DestinationEncryptionContext'));
    return {
      CiphertextBlob: sealed.toString('base64'),
      SourceKeyId: keyArn(from),
      KeyId: keyArn(to),
      SourceEncryptionAlgorithm: algorithm,
      DestinationEncryptionAlgorithm: algorithm,
    };
  },
};

export const generateRandom = accountOperation('GenerateRandom', ({ input }) => {
  const bytes = input.optionalNumber('NumberOfBytes', 1, 1024);
  if (bytes === null) throw kmsError('ValidationException', 'NumberOfBytes is required.');
  return { Plaintext: randomBytes(bytes).toString('base64') };
});

/** An operation that takes a key by any of its names and seals something by it. */
function keyUse(
  name: string,
  run: (request: JsonRequest, key: KmsKeyRecord) => JsonResult,
): JsonOperation {
  const find = (request: JsonRequest) => namedKey(request, name, { aliases: true });
  return {
    name,
    demands: (request): Demand[] => [
      demandOn(request, name, find(request), encryptionContextKeys(contextOf(request.input))),
    ],
    run: (request) => {
      const { key } = find(request);
      mustBeEnabled(key);
      checkOptions(request.input, key);
      return run(request, key);
    },
  };
}

/** The key that sealed the ciphertext of a request, which may name it and must then name it rightly. */
function sealingKey(
  { input, world, caller, region }: JsonRequest,
  operation: string,
  member: string,
): FoundKey {
  const key = keyWithId(keyIdOf(ciphertextOf(input)), world);
  const action = `kms:${operation}`;
  const named = input.optionalText(member, { min: 1, max: 2048 });
  if (named !== null) {
    const found = findKey(named, { world, caller, region, action });
    if (found.key.id === key?.id) return found;
    throw kmsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    );
  }
  if (key?.region === region) return { key, alias: null };
  // Nobody is told whether it is another region's key, or none at all.
  if (key === null) throw invalidCiphertext();
  throw kmsError('AccessDeniedException', deniedAcrossAccounts(caller, { action }));
}

function destination(request: JsonRequest): FoundKey {
  return namedKey(request, 'ReEncryptTo', { member: 'DestinationKeyId', aliases: true });
}

function ciphertextOf(input: Members): Buffer {
  return input.bytes('CiphertextBlob', maxCiphertextBytes);
}

function contextOf(input: Members, member = 'EncryptionContext'): EncryptionContext {
  return input.textMap(member);
}

function dataKeyBytes(input: Members): number {
  const spec = input.optionalText('KeySpec', { of: ['AES_256', 'AES_128'] });
  const bytes = input.optionalNumber('NumberOfBytes', 1, 1024);
  if ((spec === null) === (bytes === null)) {
    throw kmsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  return bytes ?? (spec === 'AES_128' ? 16 : 32);
}

/** What a request may ask for beside what it is about. */
const algorithmMembers = [
  'EncryptionAlgorithm',
  'SourceEncryptionAlgorithm',
  'DestinationEncryptionAlgorithm',
];

function checkOptions(input: Members, key: KmsKeyRecord): void {
  const asked = algorithmMembers.flatMap((name) => input.optionalText(name) ?? []);
  const other = asked.find((name) => name !== algorithm);
  if (other !== undefined) {
    throw kmsError(
      'InvalidKeyUsageException',
      `${keyArn(key)} key spec is ${algorithm} which is not valid for the algorithm ${other}.`,
    );
  }
  if (input.has('Recipient')) {
    throw kmsError('UnsupportedOperationException', 'The sandbox does not have attestation');
  }
  if (!input.flag('DryRun')) return;
  throw kmsError(
    'DryRunOperationException',
    'The request would have succeeded, but the DryRun option is set.',
  );
}
