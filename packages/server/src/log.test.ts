import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonLinesLog } from './log.ts';

function logged(write: (log: ReturnType<typeof jsonLinesLog>) => void): string {
  const lines: string[] = [];
  write(
    jsonLinesLog(
      (line) => lines.push(line),
      () => new Date(0),
    ),
  );
  return lines.join('');
}

describe('jsonLinesLog()', () => {
  it('writes one line of JSON for each entry, whatever is in it', () => {
    const text = logged((log) => {
      log({ level: 'info', event: 'server:started', url: 'http://a\nb' });
      log({
        level: 'error',
        event: 'x',
        error: new Error('one\ntwo', { cause: new Error('why') }),
      });
    });

    const [first, second, rest] = text.split('\n');
    assert.deepEqual(JSON.parse(first ?? ''), {
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      event: 'server:started',
      url: 'http://a\nb',
    });
    assert.equal(JSON.parse(second ?? '').error.message, 'one\ntwo');
    assert.equal(JSON.parse(second ?? '').error.cause.message, 'why');
    assert.equal(rest, '');
  });

  it('takes out every kind of secret, wherever it hides', () => {
    const secrets = [
      'Bearer cwk_CANARY0123456789',
      'https://causeway.example.com/connect#cwl_CANARY0123456789',
      'Bearer cws_CANARY0123456789',
      'postgres://causeway:CANARY@db/causeway',
      'https://b.s3.amazonaws.com/k?X-Amz-Credential=CANARY&X-Amz-Signature=CANARY&x=1',
      'AKIACANARYCANARYCANARY',
      'ASIACANARYCANARYCANARY',
      'Signature=c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeeCAFE',
      '-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----',
    ];

    for (const secret of secrets) {
      const text = logged((log) =>
        log({ level: 'error', event: 'x', error: new Error(secret), [secret]: { deep: [secret] } }),
      );
      assert.doesNotMatch(text, /CANARY|CAFE/, secret);
      JSON.parse(text);
    }
  });
});
