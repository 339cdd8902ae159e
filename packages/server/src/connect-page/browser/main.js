import { accessKeys } from './access-keys.js';
import { createApi } from './api.js';
import { copied } from './copy-button.js';
import { diagnosisForm } from './diagnosis.js';
import { announce, find } from './dom.js';
import { refusalText } from './field-errors.js';
import { guides } from './guides.js';
import { openPage } from './page.js';
import { placeForm } from './place-form.js';

/**
 * @import { ConnectView, SetupRendering } from '@causeway/contract'
 * @import { Page } from './page.js'
 */

// The token is taken out of the address at once: neither the history nor a bookmark has it.
const link = location.hash.slice(1);
history.replaceState(null, '', location.pathname);

const api = createApi(link);

openPage(api.call, (page) => {
  find('check', HTMLButtonElement).addEventListener('click', page.acted);
  find('forward', HTMLButtonElement).addEventListener('click', () => {
    forward(page).catch((error) => announce(refusalText(error)));
  });
  return [placeForm(page), guides(page), accessKeys(page), diagnosisForm(page), { show: showHead }];
});

/**
 * Copies what the AWS administrator has to know, with this page's own link.
 *
 * @param {Page} page
 */
async function forward(page) {
  const { id } = page.view().connection;
  /** @type {SetupRendering} */
  const { content } = await page.call('GET', `/v1/connections/${id}/setup-guide/message`);
  const address = `${location.origin}${location.pathname}#${link}`;
  const message = `${content}
To set it up, open this link. Whoever has it can set up this connection, and nothing else:

  ${address}
`;
  announce(
    (await copied(message))
      ? 'The message is copied: paste it into a mail or a ticket.'
      : 'Your browser does not let this page copy: send the address that you were sent.',
  );
}

/** @param {ConnectView} view */
function showHead({ customerName, operatorName, connection }) {
  const grants = { deliver: 'add files', ingest: 'read files', browse: 'read and add files' };
  const may = connection.capabilities.map((capability) => grants[capability]).join(' and ');
  find('for', HTMLElement).textContent =
    connection.owner === 'operator'
      ? `${operatorName} gives ${customerName} a bucket.`
      : `${operatorName} asks ${customerName} for access to one folder of one bucket, to ${may} there and nothing else.`;
  find('forward', HTMLButtonElement).hidden = connection.bucket === null;
}
