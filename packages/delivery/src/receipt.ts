import { type Receipt, ReceiptBody, receiptFolder } from '@causeway/contract';

/** Where a customer says what became of a delivery: below the prefix of its manifest. */
export function receiptKey(prefix: string, runId: string): string {
  return `${prefix}${receiptFolder}${runId}`;
}

/** What a receipt says, by somebody else's hand: nothing in it is trusted. Empty is "received". */
export function parseReceipt(text: string, runId: string): Omit<Receipt, 'at'> {
  let json: unknown = {};
  try {
    if (text.trim() !== '') json = JSON.parse(text);
  } catch {
    return notValid('it is not JSON');
  }
  const parsed = ReceiptBody.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.path[0];
    return notValid(name === undefined ? 'it is no JSON object' : `"${String(name)}" does not fit`);
  }
  const { runId: named = runId, status, at, message } = parsed.data;
  if (named !== runId) return notValid('it names another run');
  return { state: status, saidAt: at ?? null, message: plainWords(message ?? '') };
}

/** An object that is no receipt; `what` is ours to say. */
export function notValid(what: string): Omit<Receipt, 'at'> {
  return { state: 'not_valid', saidAt: null, message: what };
}

const longestMessage = 500;

/** Text on one line, without controls and marks that turn its direction round; null if none is left. */
function plainWords(text: string): string | null {
  const plain = text
    .slice(0, longestMessage * 2)
    .replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069\s]+/gu, ' ')
    .trim();
  return Array.from(plain).slice(0, longestMessage).join('') || null;
}
