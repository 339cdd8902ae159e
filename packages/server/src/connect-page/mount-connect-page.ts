import type { FastifyInstance } from 'fastify';
import { mountStaticPage } from '../static-page.ts';
import { connectMarkup } from './connect-markup.ts';
import { connectScript } from './connect-script.ts';
import { connectStyle } from './connect-style.ts';

/** Mounts the page behind setup links. Whatever opens links before people do changes nothing. */
export function mountConnectPage(server: FastifyInstance): void {
  mountStaticPage(server, '/connect', {
    markup: connectMarkup,
    script: connectScript,
    style: connectStyle,
  });
}
