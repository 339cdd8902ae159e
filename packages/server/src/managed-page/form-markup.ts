import { type Html, html } from '../page/html.ts';

/** How both ways in differ, in the words of docs/managed-buckets.md. */
const tradeOffs = [
  [
    'Who lets in',
    "the bucket's policy names the customer's account",
    'the customer assumes a role of yours',
  ],
  ['Who decides which users may do what', 'the customer', 'you'],
  [
    'Copies from bucket to bucket',
    'yes',
    'no: the session can do what the role may, and nothing else',
  ],
  ['AWS console', 'yes, by a direct link', 'yes, by "Switch role". Not with an external ID'],
  ['External ID', 'none', 'optional. With one, nobody can use the AWS console'],
  ['The customer sets up', 'one policy', 'one policy and one CLI profile'],
] as const;

/** What stands before the choice of an external ID, wherever it is offered. */
const consoleWarning =
  'With an external ID nobody can use the bucket in the AWS console: its "Switch role" has no field for one. The CLI and SDKs work. Choose one only if systems that act for several parties assume the role.';

const purposes = [
  ['ingest', 'The customer uploads files', 'into inbound/', true],
  ['deliver', 'The customer fetches what is delivered', 'from outbound/', false],
  ['browse', 'Both work on the same files', 'in files/', false],
] as const;

export const formMarkup: Html = html`
<section id="new" hidden aria-labelledby="new-title">
<h2 id="new-title" tabindex="-1">Make a bucket for a customer</h2>
<p class="quiet">Step 1 of 2. Nothing is made before you have seen what it will be.</p>
<form class="card" novalidate>
<div class="field">
<label for="customerId">Customer</label>
<select id="customerId" name="customerId" aria-describedby="customerId-hint customerId-error"><option value="">Choose a customer</option></select>
<p class="hint" id="customerId-hint"></p>
<p class="error" id="customerId-error"></p>
</div>
<div class="field">
<label for="accountId">AWS account of the customer</label>
<input id="accountId" name="accountId" inputmode="numeric" autocomplete="off" spellcheck="false" aria-describedby="accountId-hint accountId-error">
<p class="hint" id="accountId-hint">12 digits. The customer finds them under the account name at the top right of the AWS console, or with
<code>aws sts get-caller-identity --query Account --output text</code>. The account serves to reach the bucket and for nothing else.
<a href="https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-creating.html" target="_blank" rel="noopener noreferrer">How to create an account</a></p>
<p class="error" id="accountId-error"></p>
</div>
<div class="field">
<label for="resourceId">Resource ID</label>
<input id="resourceId" name="resourceId" autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="42" aria-describedby="resourceId-hint resourceId-error">
<p class="hint" id="resourceId-hint">The beginning of the bucket's name: 2 to 42 of a-z, 0-9 and hyphens, often the name of the company.
The bucket will be called <code id="pattern"></code></p>
<p class="error" id="resourceId-error"></p>
</div>
<fieldset class="field" aria-describedby="capabilities-error">
<legend>What it is for</legend>
${purposes.map(
  ([value, what, where, chosen]) =>
    html`<label class="choice"><input type="checkbox" name="capabilities" value="${value}" ${chosen && 'checked'}> <span>${what} <span class="quiet">${where}</span></span></label>`,
)}
${receiptsChoice()}
<p class="error" id="capabilities-error"></p>
</fieldset>
<fieldset class="field" aria-describedby="access-error">
<legend>How the customer comes in</legend>
<div class="scroll" tabindex="0" role="region" aria-label="Bucket policy and role compared"><table class="compare">
<thead><tr><th scope="col"></th><th scope="col">Bucket policy (usual)</th><th scope="col">Role</th></tr></thead>
<tbody>${tradeOffs.map(([what, policy, role]) => html`<tr><th scope="row">${what}</th><td>${policy}</td><td>${role}</td></tr>`)}</tbody>
</table></div>
${accessChoice()}
<p class="error" id="access-error"></p>
</fieldset>
<details class="field">
<summary>More settings, which cannot be changed later</summary>
<div class="field">
<label for="ownership">Whose are the objects</label>
<select id="ownership" name="ownership" aria-describedby="ownership-hint">
<option value="enforced">Yours always: ACLs are disabled (usual)</option>
<option value="bucket_owner_full_control">Every write must carry --acl bucket-owner-full-control</option>
</select>
<p class="hint" id="ownership-hint">The second is for tools that are set up for it. Each file must then be written in one request.</p>
</div>
<div class="field">
<label for="kmsKeyArn">KMS key of yours</label>
<input id="kmsKeyArn" name="kmsKeyArn" autocomplete="off" spellcheck="false" aria-describedby="kmsKeyArn-hint kmsKeyArn-error">
<p class="hint" id="kmsKeyArn-hint">Its ARN. Empty: objects are encrypted with keys of S3's own.</p>
<p class="error" id="kmsKeyArn-error"></p>
</div>
<label class="choice"><input type="checkbox" name="versioning"> <span>Keep what is overwritten (versioning)</span></label>
</details>
<p class="actions"><button class="main">Review</button> <a class="button" href="#list">Cancel</a></p>
</form>
</section>

<section id="review" hidden aria-labelledby="review-title">
<h2 id="review-title" tabindex="-1">What will be made</h2>
<p class="quiet">Step 2 of 2.</p>
<div id="preview" class="card"></div>
<p class="actions"><button type="button" id="create" class="main">Create bucket</button> <a class="button" id="back" href="#new">Back</a></p>
</section>`;

/** Whether the customer may write receipts: for a bucket into which something is delivered. */
export function receiptsChoice(): Html {
  return html`<div class="nested" data-for="deliver" hidden>
<label class="choice"><input type="checkbox" name="receipts" checked> <span>The customer may say what it has received <span class="quiet">by writing receipts into outbound/_causeway/receipts/, and nothing else there</span></span></label>
</div>`;
}

/** Bucket policy or role, and for the role whether it demands an external ID: first the warning, then the choice. */
export function accessChoice(): Html {
  return html`<label class="choice"><input type="radio" name="access" value="bucket_policy" checked> <span>Bucket policy</span></label>
<label class="choice"><input type="radio" name="access" value="operator_role"> <span>Role</span></label>
<div class="nested" data-for="operator_role" hidden>
<p class="warning">${consoleWarning}</p>
<label class="choice"><input type="checkbox" name="externalId"> <span>Demand an external ID</span></label>
</div>`;
}
