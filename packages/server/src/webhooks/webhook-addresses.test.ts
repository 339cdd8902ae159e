import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { webhookAddresses } from './webhook-addresses.ts';

describe('webhookAddresses()', () => {
  const addresses = webhookAddresses(['hooks.lan:8443', 'http://127.0.0.1:9000']);
  const refuses = (url: string, reason: RegExp) =>
    assert.throws(
      () => addresses.accept(url),
      (error) => {
        assert.ok(CausewayError.is(error, 'webhook_url_not_allowed'), url);
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /hidden/);
        return true;
      },
      url,
    );

  it('takes https addresses of the internet, in one spelling', () => {
    assert.equal(
      addresses.accept('HTTPS://Hooks.Example.COM:443/a?token=1'),
      'https://hooks.example.com/a?token=1',
    );
    assert.equal(addresses.accept('https://8.8.8.8/'), 'https://8.8.8.8/');
  });

  it('takes private hosts only where the operator has listed that very host', () => {
    assert.equal(addresses.accept('https://hooks.lan:8443/x'), 'https://hooks.lan:8443/x');
    assert.equal(addresses.accept('http://127.0.0.1:9000/x'), 'http://127.0.0.1:9000/x');
    refuses('http://127.0.0.1:9001/x', /must be https/);
  });

  it('refuses what leads into private networks or to the metadata of the machine', () => {
    for (const host of [
      '127.0.0.1',
      '169.254.169.254',
      '2130706433',
      '0x7f.1',
      '10.1.2.3',
      '[::1]',
      '[::ffff:169.254.169.254]',
      '[fd00:ec2::254]',
    ]) {
      refuses(`https://${host}/x`, /address is not one of the internet/);
    }
    for (const host of ['localhost', 'metadata', 'a.internal', 'printer.local']) {
      refuses(`https://${host}/x`, /host is not one of the internet/);
    }
  });

  it('refuses what is no plain https address, without repeating a secret in it', () => {
    refuses('http://hooks.example.com/?token=hidden', /must be https/);
    refuses('ftp://hooks.example.com/', /no web address/);
    refuses('hooks.example.com', /no web address/);
    refuses('https://user:hidden@hooks.example.com/', /user or password/);
    refuses('https://hooks.example.com/#part', /fragment/);
    refuses('https://hooks.example.com./', /dot/);
    refuses(' https://hooks.example.com/', /spaces/);
    refuses('https://hooks.exam\nple.com/', /spaces/);
  });
});
