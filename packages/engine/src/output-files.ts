import type { FileCounts } from './engine.ts';
import type { Group } from './output-groups.ts';

/** Numbers the files of each output as they begin, whichever scan and group they are of. */
export interface OutputFiles {
  /** By output and number. */
  readonly files: readonly (readonly FileCounts[])[];
  begin(group: Group, file: number): number;
  end(group: Group, counts: readonly FileCounts[]): void;
}

export function outputFiles(outputs: number): OutputFiles {
  const files = Array.from({ length: outputs }, (): FileCounts[] => []);
  const begun = Array.from({ length: outputs }, () => 0);
  const numbers = new Map<Group, number[]>();
  return {
    files,
    begin(group, file) {
      const number = begun[group.output] ?? 0;
      begun[group.output] = number + 1;
      const ofGroup = numbers.get(group) ?? [];
      ofGroup[file] = number;
      numbers.set(group, ofGroup);
      return number;
    },
    end(group, counts) {
      for (const [file, count] of counts.entries()) {
        const number = numbers.get(group)?.[file];
        const ofOutput = files[group.output];
        if (number === undefined || !ofOutput) throw new Error('A file that never began has rows');
        ofOutput[number] = count;
      }
    },
  };
}
