import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Diagnosis } from '@causeway/contract';
import { showDiagnosis } from './diagnose-connection.ts';

const diagnosis: Diagnosis = {
  connectionId: 'conn_1',
  verdict: 'broken',
  correction: null,
  documents: [
    {
      document: 'bucketPolicy',
      index: 0,
      isPolicy: true,
      findings: [
        {
          code: 'deny_without_exception',
          severity: 'warning',
          path: 'Statement[0]',
          line: 3,
          column: 5,
          statement: 'statement "Guard"',
          message: 'it denies everybody',
          reason: 'us, too',
          fix: 'Except the role',
        },
      ],
    },
  ],
  demands: [
    {
      what: 'read files',
      must: 'allow',
      holds: true,
      decision: 'allowed',
      because: 'it is',
      reasons: [],
      fixes: [],
    },
    {
      what: 'write under "causeway/"',
      must: 'allow',
      holds: false,
      decision: 'explicit_deny',
      because: 'statement "Guard" denies it',
      reasons: [],
      fixes: [{ document: 'bucketPolicy', index: 0, text: 'Except the role', policy: { a: 1 } }],
    },
    {
      what: 'assume the role without an external ID',
      must: 'refuse',
      holds: false,
      decision: 'allowed',
      because: 'it is open',
      reasons: [],
      fixes: [],
      advice: 'Demand one \u001b[2J',
    },
  ],
  assumed: ['The bucket has no policy'],
};

describe('causeway connections diagnose', () => {
  it('says what is wrong, where, why, and what the document should be', () => {
    const text = stripVTControlCharacters(showDiagnosis(diagnosis));

    assert.deepEqual(text.split('\n'), [
      'warning in bucketPolicy at Statement[0] (line 3, column 5): it denies everybody',
      '    fix: Except the role',
      '',
      '✓ may: read files',
      '✗ may: write under "causeway/"',
      '    statement "Guard" denies it',
      '    fix (bucketPolicy): Except the role',
      '      {',
      '        "a": 1',
      '      }',
      '✗ refused: assume the role without an external ID',
      '    it is open',
      '    advice: Demand one \\u001b[2J',
      '',
      'Taken for granted: The bucket has no policy',
      'With these policies the connection will not work',
    ]);
  });
});
