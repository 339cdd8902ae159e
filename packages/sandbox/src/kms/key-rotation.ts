import { mustBeEnabled } from './find-key.ts';
import { keyArn } from './key-arn.ts';
import { keyOperation, seconds } from './kms-operation.ts';

const defaultDays = 365;

/**
 * Rotation is a setting here: the material stays, as nobody outside of KMS could
 * tell. What KMS encrypted before a rotation it decrypts after it.
 */
export const enableKeyRotation = keyOperation(
  'EnableKeyRotation',
  ({ input, world }, key) => {
    mustBeEnabled(key);
    const periodDays = input.optionalNumber('RotationPeriodInDays', 90, 2560) ?? defaultDays;
    const rotation = { since: world.now().toISOString(), periodDays };
    world.state.commit(world.state.kmsKeys.put(key.id, { ...key, rotation }));
    return null;
  },
  {
    context: ({ input }) => ({
      'kms:RotationPeriodInDays': String(
        input.optionalInteger('RotationPeriodInDays') ?? defaultDays,
      ),
    }),
  },
);

export const disableKeyRotation = keyOperation('DisableKeyRotation', ({ world }, key) => {
  mustBeEnabled(key);
  world.state.commit(world.state.kmsKeys.put(key.id, { ...key, rotation: null }));
  return null;
});

export const getKeyRotationStatus = keyOperation('GetKeyRotationStatus', ({ world }, key) => {
  const { rotation } = key;
  if (!rotation) return { KeyId: keyArn(key), KeyRotationEnabled: false };
  const period = rotation.periodDays * 24 * 60 * 60 * 1000;
  const since = Date.parse(rotation.since);
  const past = Math.floor((world.now().getTime() - since) / period);
  const next = new Date(since + (Math.max(past, 0) + 1) * period).toISOString();
  return {
    KeyId: keyArn(key),
    KeyRotationEnabled: true,
    RotationPeriodInDays: rotation.periodDays,
    NextRotationDate: seconds(next),
  };
});
