import type { FileCounts } from './engine.ts';
import type { Group } from './output-groups.ts';

/** One output of a scan: a group's rows, or a share of them. */
export interface Slice {
  readonly group: Group;
}

/** Numbers the files of each output as they begin, whichever scan and group they are of. */
export interface OutputFiles {
  /** By output and number. */
  readonly files: readonly (readonly FileCounts[])[];
  begin(slice: Slice, file: number): number;
  end(slice: Slice, counts: readonly FileCounts[]): void;
}

export function outputFiles(outputs: number): OutputFiles {
  const files = Array.from({ length: outputs }, (): FileCounts[] => []);
  const begun = Array.from({ length: outputs }, () => 0);
  const numbers = new Map<Slice, number[]>();
  return {
    files,
    begin(slice, file) {
      const { output } = slice.group;
      const number = begun[output] ?? 0;
      begun[output] = number + 1;
      const ofSlice = numbers.get(slice) ?? [];
      ofSlice[file] = number;
      numbers.set(slice, ofSlice);
      return number;
    },
    end(slice, counts) {
      for (const [file, count] of counts.entries()) {
        const number = numbers.get(slice)?.[file];
        const ofOutput = files[slice.group.output];
        if (number === undefined || !ofOutput) throw new Error('A file that never began has rows');
        ofOutput[number] = count;
      }
    },
  };
}

/** Of an output's files. */
export function sumOf(files: readonly FileCounts[]): FileCounts {
  return {
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
