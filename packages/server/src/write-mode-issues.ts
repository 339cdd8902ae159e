import type { DeliveryCreate } from '@causeway/contract';

/** Why a delivery cannot replace what it sent before, by path: it must send all there is. */
export function writeModeIssues({
  mode,
  writeMode,
}: Pick<DeliveryCreate, 'mode' | 'writeMode'>): { path: string; message: string }[] {
  if (writeMode === 'append' || mode === 'full') return [];
  const message = `cannot be "overwrite" for mode "${mode}", whose runs send what is new`;
  return [{ path: 'writeMode', message }];
}
