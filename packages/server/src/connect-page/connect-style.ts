/** What the page of setup links has beside the overview's style: three steps in one column, at any width. */
export const connectStyle = `
[hidden] { display: none !important; }
main { max-width: 800px; padding-top: 28px; padding-bottom: 64px; }
h1 { font-size: 24px; letter-spacing: -0.01em; margin: 0 0 6px; }
h2 { margin: 0 0 10px; }
h3 { margin: 18px 0 4px; }
.card { padding: 18px 20px; }
.card > :last-child, .card form > :last-child { margin-bottom: 0; }
#key-purpose { margin-bottom: 14px; }
#paste > button { margin-top: 14px; }
#diagnosis-result:not(:empty) { margin-top: 18px; }
#place-summary button { margin-left: 8px; }
.lead { margin: 0 0 18px; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.field { margin: 0 0 16px; }
label { display: block; font-weight: 600; margin-bottom: 2px; }
.hint { margin: 0 0 4px; color: var(--quiet); font-size: 14px; }
dd .hint { display: block; margin: 0; }
input, textarea { display: block; width: 100%; font: inherit; color: inherit; background: var(--ground);
  border: 1px solid var(--quiet); border-radius: 6px; padding: 7px 10px; min-height: 40px; }
textarea { font: 13px/1.5 var(--mono); resize: vertical; }
input:read-only { background: transparent; border-style: dashed; }
[aria-invalid=true] { border: 2px solid var(--bad); }
.field-error { margin: 4px 0 0; color: var(--bad); font-weight: 600; overflow-wrap: anywhere; }
.field-error:empty { display: none; }
button, a.button { display: inline-block; font: inherit; font-weight: 600; cursor: pointer; text-decoration: none; min-height: 40px;
  padding: 7px 16px; color: var(--ink); background: var(--sheet); border: 1px solid var(--quiet); border-radius: 6px; }
button.main, a.main { color: var(--sheet); background: var(--water); border-color: var(--water); }
button.small { min-height: 28px; padding: 2px 10px; font-size: 13px; font-weight: 500; }
button:disabled { opacity: 0.55; cursor: progress; }
:is(button, a.button, input, textarea, pre, [tabindex]):focus-visible { outline: 2px solid var(--water); outline-offset: 2px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; margin: 12px 0; }
[role=tablist] { display: flex; flex-wrap: wrap; gap: 4px; border-bottom: 1px solid var(--line); }
[role=tab] { background: none; border: 0; border-bottom: 3px solid transparent; border-radius: 0; font-weight: 500; padding: 7px 12px; }
[role=tab][aria-selected=true] { border-bottom-color: var(--water); font-weight: 650; }
[role=tabpanel][aria-busy=true] { opacity: 0.7; }
.block { position: relative; }
.block button { position: absolute; top: 8px; right: 8px; }
pre { margin: 6px 0 0; padding: 10px 12px; padding-right: 84px; overflow: auto; max-height: 26rem; font: 13px/1.5 var(--mono);
  background: var(--ground); border: 1px solid var(--line); border-radius: 6px; }
#notes:empty, #steps:empty, #key-list:empty { display: none; }
ul, ol { margin: 8px 0; padding-left: 22px; }
ul.plain, #steps { list-style: none; padding: 0; }
ul.plain > li { margin: 10px 0; overflow-wrap: anywhere; }
.state { margin: 0 0 10px; padding: 12px 16px; border-radius: 8px; border-left: 4px solid var(--quiet); background: var(--ground); overflow-wrap: anywhere; }
.state strong { display: block; font-size: 17px; }
.state.good { color: var(--good); background: var(--good-ground); border-color: var(--good); }
.state.warn { color: var(--mild); background: var(--mild-ground); border-color: var(--mild); }
.state.bad { color: var(--bad); background: var(--bad-ground); border-color: var(--bad); }
.state.wait strong::before { content: ''; display: inline-block; width: 9px; height: 9px; margin-right: 9px; border-radius: 50%;
  background: var(--quiet); animation: waiting 1.6s ease-in-out infinite; }
@keyframes waiting { 50% { opacity: 0.25; } }
@media (prefers-reduced-motion: reduce) { .state.wait strong::before { animation: none; } }
.step { border-top: 1px solid var(--line); padding: 8px 0; overflow-wrap: anywhere; }
.step p { margin: 4px 0; }
.step-title { font-weight: 500; }
.step.skipped .step-title { color: var(--quiet); font-weight: 400; }
.diff { padding-right: 12px; }
.diff > * { display: block; text-decoration: none; }
.diff ins { color: var(--good); background: var(--good-ground); }
.diff del { color: var(--bad); background: var(--bad-ground); }
.corrected { border-left: 3px solid var(--water); padding-left: 14px; margin: 16px 0; }
@media (max-width: 640px) { .card { padding: 14px; } main { padding-left: 12px; padding-right: 12px; } }
@media print { button, form { display: none; } }
`;
