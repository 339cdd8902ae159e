import type { FastifyInstance } from 'fastify';
import { pageStyle } from '../page/page-style.ts';
import { mountStaticPage } from '../static-page.ts';
import { apiScript } from './api-script.ts';
import { detailsScript } from './details-script.ts';
import { formScript } from './form-script.ts';
import { managedMarkup } from './managed-markup.ts';
import { managedStyle } from './managed-style.ts';
import { viewsScript } from './views-script.ts';

/**
 * Mounts the operator's page for managed buckets.
 *
 * It calls the API as any other client does, with an API key that a person types into
 * it: kept in memory alone and sent in `Authorization` alone, so that no foreign page
 * can make this one's browser do anything (there is no cookie to ride on).
 */
export function mountManagedPage(server: FastifyInstance): void {
  mountStaticPage(server, '/managed-buckets', {
    markup: managedMarkup,
    scripts: {
      'script.js': [`'use strict';`, apiScript, formScript, detailsScript, viewsScript].join('\n'),
    },
    style: `${pageStyle}\n${managedStyle}`,
  });
}
