import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { pageStyle } from '../page/page-style.ts';
import { mountStaticPage } from '../static-page.ts';
import { connectMarkup } from './connect-markup.ts';
import { connectStyle } from './connect-style.ts';

/** Mounts the page behind setup links. Whatever opens links before people do changes nothing. */
export function mountConnectPage(server: FastifyInstance): void {
  mountStaticPage(server, '/connect', {
    markup: connectMarkup,
    scripts: browserModules(),
    style: `${pageStyle}\n${connectStyle}`,
  });
}

/** What runs in the browser, as it is: beside this file in the sources, and where it was built. */
function browserModules(): Record<string, string> {
  const folder = new URL('./browser/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
  );
}
