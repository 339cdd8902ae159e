import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { evaluateCase } from '../index.ts';

interface CaseFile {
  readonly about: string;
  /** What every case of the file starts from; a case replaces whole policies and single fields of the request. */
  readonly given: { readonly request: object };
  readonly cases: readonly {
    readonly name: string;
    readonly why?: string;
    readonly expect: string;
    /** Part of the sentence that explains the decision. */
    readonly says?: string;
    readonly request?: object;
  }[];
}

const folder = new URL('../cases/', import.meta.url);

for (const file of readdirSync(folder)) {
  const { about, given, cases } = JSON.parse(
    readFileSync(new URL(file, folder), 'utf8'),
  ) as CaseFile;
  describe(`${file}: ${about}`, () => {
    for (const { says, request, ...rest } of cases) {
      it(rest.name, () => {
        const decision = evaluateCase({
          ...given,
          ...rest,
          request: { ...given.request, ...request },
        });

        assert.equal(decision.decision, rest.expect, decision.because);
        assert.ok(decision.because.includes(says ?? ''), decision.because);
      });
    }
  });
}
