import type { DeliveryHistory } from '@causeway/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';

export interface HistoryOptions {
  readonly history?: DeliveryHistory;
}

export function addHistoryOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--history <what>',
      'what a customer who has had nothing gets of before: all, none, so many days as 30d, or since a time in ISO 8601 UTC',
    ).argParser(readHistory),
  );
}

/** Only what was asked for. */
export function historyOf({ history }: HistoryOptions): HistoryOptions {
  return history === undefined ? {} : { history };
}

function readHistory(text: string): DeliveryHistory {
  if (text === 'all' || text === 'none') return text;
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  if (days !== undefined) return { days: Number(days) };
  if (Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('It must be all, none, days as 30d, or a time.');
  }
  return { since: text };
}
