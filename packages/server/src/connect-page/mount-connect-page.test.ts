import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Script } from 'node:vm';
import fastify from 'fastify';
import { connectMarkup } from './connect-markup.ts';
import { connectScript } from './connect-script.ts';
import { mountConnectPage } from './mount-connect-page.ts';

const server = fastify();
let url = '';
before(async () => {
  mountConnectPage(server);
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
after(() => server.close());

describe('mountConnectPage()', () => {
  it('serves a page that only its own script and style can act in, and nobody can frame', async () => {
    for (const path of ['/connect', '/connect/script.js', '/connect/style.css']) {
      const response = await fetch(`${url}${path}`);

      const policy = response.headers.get('content-security-policy') ?? '';
      assert.equal(response.status, 200, path);
      assert.match(policy, /^default-src 'none'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(response.headers.get('x-frame-options'), 'DENY');
    }
  });

  it('has nothing inline and asks no other server', () => {
    assert.doesNotMatch(connectMarkup, /<script(?![^>]* src=)|<style| style=| on[a-z]+=|https?:/);
    for (const [, path] of connectMarkup.matchAll(/(?:src|href)="([^"]+)"/g)) {
      assert.match(path ?? '', /^\/connect\//);
    }
  });

  it('has a script that is well formed, finds what it asks for, and stores no token', () => {
    new Script(connectScript);

    for (const [, id] of connectScript.matchAll(/byId\('([^']+)'\)/g)) {
      assert.ok(connectMarkup.includes(`id="${id}"`), id);
    }
    assert.doesNotMatch(connectScript, /localStorage|sessionStorage|cookie|innerHTML/);
  });

  it('gives every field a label', () => {
    const fields = connectMarkup.match(/<input/g)?.length;

    assert.equal(connectMarkup.match(/<label>[^<]+<input/g)?.length, fields);
  });
});
