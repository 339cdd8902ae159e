import { html } from '../page/html.ts';
import { detailsMarkup } from './details-markup.ts';
import { formMarkup } from './form-markup.ts';

/** The operator's page for managed buckets. It is the same for everyone: what is kept here comes by its script. */
export const managedMarkup: string = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Managed buckets - Causeway</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/managed-buckets/style.css">
<script src="/managed-buckets/script.js" defer></script>
</head>
<body>
<header>
<h1>Managed buckets</h1>
<p>Buckets of yours, each made for one customer</p>
<nav aria-label="Causeway"><a href="/">Overview</a><a href="/reference/">API reference</a></nav>
</header>
<main>
<p id="state" role="status" aria-live="polite"></p>
<div id="alert" role="alert"></div>
<noscript><p class="empty">This page needs JavaScript. Everything it does, <code>causeway connections</code> does too.</p></noscript>

<section id="sign-in" hidden aria-labelledby="sign-in-title">
<h2 id="sign-in-title" tabindex="-1">Open with an API key</h2>
<form class="card" novalidate>
<div class="field">
<label for="key">API key</label>
<input id="key" name="key" type="password" autocomplete="current-password" spellcheck="false" aria-describedby="key-hint key-error">
<p class="hint" id="key-hint">Begins with <code>cwk_</code>. <code>causeway dev</code> and <code>causeway serve</code> print one when they
first start. It stays in the memory of this page: reload or close it, and it is gone.</p>
<p class="error" id="key-error"></p>
</div>
<button class="main">Open</button>
</form>
</section>

<section id="list" hidden aria-labelledby="list-title">
<h2 id="list-title" tabindex="-1">Your managed buckets</h2>
<p><a class="button main" href="#new">Make a bucket</a></p>
<div id="buckets"></div>
<p><button type="button" id="more" hidden>Show more</button></p>
</section>
${formMarkup}
${detailsMarkup}
</main>
</body>
</html>
`.markup;
