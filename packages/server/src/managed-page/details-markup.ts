import { type Html, html } from '../page/html.ts';
import { accessChoice, receiptsChoice } from './form-markup.ts';

/** One bucket: how it stands, what its customer needs, and what the operator may do with it. */
export const detailsMarkup: Html = html`
<section id="details" hidden aria-labelledby="details-title">
<p><a href="#list">All managed buckets</a></p>
<h2 id="details-title" tabindex="-1"></h2>
<div id="standing" class="card"></div>
<p class="actions"><button type="button" id="provision"></button>
<button type="button" id="check">Check now</button></p>
<div id="needs"></div>
<form id="change" class="card" novalidate aria-labelledby="change-title">
<h3 id="change-title">Change how the customer comes in</h3>
<p class="hint" id="change-hint"></p>
<fieldset class="field" id="change-choice" aria-describedby="change-hint"><legend>From now on</legend>${accessChoice()}
${receiptsChoice()}</fieldset>
<button>Change</button>
</form>
<div id="closing" class="card">
<h3>Revoke access</h3>
<p class="hint">The role is deleted and the bucket policy closed: the customer is out at once. Bucket and data stay, since the name must not fall
to somebody else. You can let the customer in again.</p>
<button type="button" id="revoke">Revoke access</button>
<div id="sure" hidden><p class="warning" id="sure-text">Nothing that the customer runs can read or write from then on.</p>
<p class="actions"><button type="button" id="revoke-yes" aria-describedby="sure-text">Yes, revoke</button> <button type="button" id="revoke-no">Keep</button></p></div>
</div>
</section>`;
