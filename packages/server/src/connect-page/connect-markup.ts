import { type Html, html } from '../page/html.ts';

const tools = [
  ['cloudformation', 'CloudFormation'],
  ['terraform', 'Terraform'],
  ['cli', 'AWS CLI'],
  ['console', 'By hand'],
  ['json', 'JSON'],
  ['message', 'Message'],
] as const;

/** Step 1: where the data is to go; one line once that is known. */
const place = html`<section class="card" aria-labelledby="what">
<h2 id="what">1. What will be shared</h2>
<p id="place-summary" hidden><code id="place-text"></code><span id="place-rest"></span>
<button type="button" class="small" id="change-place">Change</button></p>
<form id="place" novalidate>
<div class="field"><label for="bucket">Bucket</label>
<p class="hint" id="bucket-hint">Its name, its ARN, an s3:// address, or the address of its page in the AWS console.</p>
<input id="bucket" name="bucket" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="bucket-hint"></div>
<div class="field"><label for="prefix">Folder</label>
<p class="hint" id="prefix-hint">Nothing outside of it can be seen or changed. Left empty, it is causeway/.</p>
<input id="prefix" name="prefix" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="prefix-hint"></div>
<div class="field" id="account-row"><label for="accountId">AWS account</label>
<p class="hint" id="account-hint">12 digits: at the top right of the AWS console, behind your name. <span id="account-pinned" hidden></span></p>
<input id="accountId" name="accountId" inputmode="numeric" autocomplete="off" aria-describedby="account-hint"></div>
<button class="main">Save</button>
</form>
</section>`;

/** Step 2 of those who give a key: after they have made its user. */
const accessKey = html`<div id="access-key" hidden>
<h3>The access key</h3>
<p class="quiet" id="role-instead">Where your company can make roles, ask for a connection by role instead: it has no secret that could leak.</p>
<ul id="key-list" class="plain" aria-label="Access keys"></ul>
<p id="key-answer" class="field-error" role="status"></p>
<form id="keys" autocomplete="off" novalidate>
<p class="hint" id="key-purpose"></p>
<div class="field"><label for="accessKeyId">Access key ID</label>
<p class="hint" id="key-hint">Of an IAM user, which begins with AKIA. Keys of the root user and temporary keys are refused.</p>
<input id="accessKeyId" name="accessKeyId" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="key-hint key-purpose"></div>
<div class="field"><label for="secretAccessKey">Secret access key</label>
<input id="secretAccessKey" name="secretAccessKey" type="password" autocomplete="off" spellcheck="false"></div>
<button class="main">Save key</button>
</form>
</div>`;

/** Step 2: what must be created, for each tool. */
const access = html`<section class="card" aria-labelledby="access">
<h2 id="access">2. Give access</h2>
<p id="guide-missing" class="quiet">Everything that you need appears here once step 1 is done.</p>
<div id="guide" hidden>
<div id="tools" role="tablist" aria-label="Set up with">${tools.map(
  ([tool, label]) =>
    html`<button type="button" role="tab" id="tab-${tool}" data-tool="${tool}" aria-selected="false" aria-controls="guide-panel" tabindex="-1">${label}</button>`,
)}</div>
<div id="guide-panel" role="tabpanel" aria-labelledby="tab-cloudformation">
<p class="actions"><a id="launch" class="button main" target="_blank" rel="noopener noreferrer" href="#" hidden>Open AWS</a>
<button type="button" id="download" class="small">Download</button></p>
<p id="launched" class="hint" hidden>CloudFormation opens in another tab with everything filled in. Come back when you have pressed Create stack: this page goes on by itself.</p>
<ul id="notes"></ul>
<div class="block"><span id="guide-copy"></span><pre id="guide-text" tabindex="0" role="region" aria-label="Setup"></pre></div>
</div>
<details><summary>Each value by itself</summary><dl id="values" class="facts"></dl></details>
</div>
${accessKey}
</section>`;

const checks = html`<section class="card" aria-labelledby="checks">
<h2 id="checks">3. Checks</h2>
<p id="state" class="state wait" role="status"></p>
<p class="actions"><button type="button" id="check">Check now</button> <span id="checked" class="quiet"></span></p>
<p id="check-answer" class="field-error" role="status"></p>
<div id="compare"></div>
<ol id="steps"></ol>
</section>`;

/** A document to paste, with its own label. */
function pasteField(name: string, label: string | Html, hint: string): Html {
  return html`<div class="field" id="paste-${name}-row"><label for="paste-${name}">${label}</label>
<p class="hint" id="paste-${name}-hint">${hint}</p>
<textarea id="paste-${name}" name="${name}" rows="5" spellcheck="false" autocomplete="off" aria-describedby="paste-${name}-hint"></textarea></div>`;
}

/** What policies will do, without asking AWS. */
const diagnosis = html`<section class="card" id="diagnosis" aria-labelledby="paste-title" hidden>
<h2 id="paste-title">Does it not work? Paste your policies</h2>
<p>They are compared with what is needed, here and without asking AWS, and nothing of them is kept. Paste what you have; the rest counts as the setup above says.</p>
<form id="paste" novalidate>
${pasteField('trustPolicy', 'Trust policy', 'Of the role: its page in the IAM console has it under Trust relationships.')}
${pasteField(
  'permissionsPolicies',
  html`Permissions policy <span id="paste-whose"></span>`,
  'Where there are several, paste one below the other.',
)}
${pasteField('bucketPolicy', 'Bucket policy', 'Of the bucket: under Permissions in the S3 console.')}
<details><summary>Key policy and permissions boundary</summary>
${pasteField('keyPolicy', 'Key policy', 'Of the KMS key that encrypts the bucket, if it has one of its own.')}
<div class="field"><label for="paste-keyArn">ARN of that key</label>
<input id="paste-keyArn" name="keyArn" autocomplete="off" autocapitalize="none" spellcheck="false"></div>
${pasteField('permissionsBoundary', 'Permissions boundary', 'Of the role or user, if there is one.')}
</details>
<button>Say what is wrong</button>
</form>
<div id="diagnosis-result" tabindex="-1" role="region" aria-label="What was found"></div>
</section>`;

/** The page behind a setup link. It is the same for everyone: what it shows comes by its script. */
export const connectMarkup: string = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Connect your S3 bucket</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/connect/style.css">
<script type="module" src="/connect/main.js"></script>
</head>
<body>
<main>
<h1>Connect your S3 bucket</h1>
<p id="offline" class="state warn" role="alert" hidden>There is no connection to the server. Nothing is lost: this page goes on by itself when it is back.</p>
<p id="opening" role="status">Opening the setup link.</p>
<noscript><p>This page needs JavaScript: the link is good only for whoever opens it here, and for nobody on the way.</p></noscript>
<section id="closed" class="card" role="alert" hidden>
<h2>This link cannot be used</h2>
<p id="closed-text"></p>
</section>
<div id="setup" hidden>
<p class="lead"><span id="for"></span>
<button type="button" class="small" id="forward" hidden>Copy a message to your AWS administrator</button></p>
${place}
${access}
${checks}
${diagnosis}
</div>
<p id="announcement" class="unseen" role="status"></p>
</main>
</body>
</html>
`.markup;
