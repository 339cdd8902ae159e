import { html } from '../page/html.ts';

const tools = [
  ['cloudformation', 'CloudFormation'],
  ['terraform', 'Terraform'],
  ['cli', 'AWS CLI'],
  ['console', 'By hand'],
  ['json', 'JSON'],
] as const;

/** The page behind a setup link. It is the same for everyone: what it shows comes by its script. */
export const connectMarkup: string = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Connect your S3 bucket</title>
<link rel="stylesheet" href="/connect/style.css">
<script src="/connect/script.js" defer></script>
</head>
<body>
<main>
<h1>Connect your S3 bucket</h1>
<p id="state" role="status" aria-live="polite">Opening the setup link.</p>
<noscript><p>This page needs JavaScript: the link is good only for whoever opens it here, and for nobody on the way.</p></noscript>
<div id="setup" hidden>
<section aria-labelledby="what">
<h2 id="what">1. What will be shared</h2>
<form id="place">
<label>Bucket <input name="bucket" required autocomplete="off" spellcheck="false" aria-describedby="bucket-hint"></label>
<p id="bucket-hint">Its name, its ARN, an s3:// address, or the address of its page in the AWS console.</p>
<label>Folder <input name="prefix" autocomplete="off" spellcheck="false" placeholder="causeway/"></label>
<label>AWS account <input name="accountId" inputmode="numeric" autocomplete="off" aria-describedby="account-hint"></label>
<p id="account-hint">The 12 digits at the top right of the AWS console.</p>
<button>Save</button>
</form>
</section>
<section aria-labelledby="access">
<h2 id="access">2. Give access</h2>
<form id="keys" hidden>
<label>Access key ID <input name="accessKeyId" required autocomplete="off" spellcheck="false"></label>
<label>Secret access key <input name="secretAccessKey" type="password" required autocomplete="off"></label>
<button>Save key</button>
</form>
<div id="tools" role="group" aria-label="Set up with">${tools.map(
  ([tool, label]) =>
    html`<button type="button" data-tool="${tool}" aria-pressed="false">${label}</button>`,
)}</div>
<p><a id="launch" target="_blank" rel="noopener noreferrer" hidden>Open AWS</a>
<button type="button" id="copy" hidden>Copy</button></p>
<ul id="notes"></ul>
<pre id="guide" tabindex="0" aria-label="Setup"></pre>
</section>
<section aria-labelledby="checks">
<h2 id="checks">3. Checks</h2>
<p><span id="outcome" role="status" aria-live="polite">Nothing was checked yet.</span>
<button type="button" id="check">Check now</button></p>
<ol id="steps"></ol>
</section>
</div>
</main>
</body>
</html>
`.markup;
