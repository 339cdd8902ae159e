import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import fastify from 'fastify';
import { connectMarkup } from './connect-markup.ts';
import { mountConnectPage } from './mount-connect-page.ts';

const folder = new URL('./browser/', import.meta.url).pathname;
const modules = globSync('*.js', { cwd: folder }).map((name) => ({
  name,
  text: readFileSync(`${folder}${name}`, 'utf8'),
}));

const server = fastify();
let url = '';
before(async () => {
  mountConnectPage(server);
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
after(() => server.close());

describe('mountConnectPage()', () => {
  it('serves a page that only its own scripts and style can act in, and nobody can frame', async () => {
    const scripts = modules.map(({ name }) => `/connect/${name}`);
    for (const path of ['/connect', '/connect/style.css', ...scripts]) {
      const response = await fetch(`${url}${path}`);

      const policy = response.headers.get('content-security-policy') ?? '';
      assert.equal(response.status, 200, path);
      assert.match(policy, /^default-src 'none'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.match(policy, /require-trusted-types-for 'script'/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(response.headers.get('x-frame-options'), 'DENY');
    }
  });

  it('has nothing inline and asks no other server', () => {
    assert.doesNotMatch(connectMarkup, /<script(?![^>]* src=)|<style| style=| on[a-z]+=|https?:/);
    for (const [, path] of connectMarkup.matchAll(/(?:src|href)="([^"]+)"/g)) {
      assert.match(path ?? '', /^\/connect\/|^#$|^data:,$/);
    }
  });

  it('has scripts that find what they ask for, and store and evaluate nothing', () => {
    for (const { name, text } of modules) {
      for (const [, id] of text.matchAll(/find\('([^']+)'/g)) {
        assert.ok(connectMarkup.includes(`id="${id}"`), `${name}: ${id}`);
      }
      const code = text.replaceAll(/\/\*\*.*?\*\//gs, '');
      assert.doesNotMatch(code, /localStorage|sessionStorage|indexedDB|document\.cookie/, name);
      assert.doesNotMatch(code, /innerHTML\s*=|insertAdjacent|\beval\b|new Function/, name);
    }
  });

  it('gives every field a label', () => {
    const fields = [...connectMarkup.matchAll(/<(?:input|textarea) id="([^"]+)"/g)];

    assert.equal(fields.length, connectMarkup.match(/<(?:input|textarea)\b/g)?.length);
    for (const [, id] of fields) assert.ok(connectMarkup.includes(`<label for="${id}">`), id);
  });
});
