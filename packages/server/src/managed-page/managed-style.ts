/** What the page of managed buckets has beside the overview's style: forms, in one column at any width. */
export const managedStyle = `
[hidden] { display: none !important; }
main { padding-bottom: 48px; }
main > section { max-width: 760px; }
h2:focus { outline: none; }
main > section > h2 { margin-top: 12px; }
.card > .facts:first-child { margin-top: 0; }
.card > .title { margin: 0; }
.field { border: 0; margin: 0 0 20px; padding: 0; min-width: 0; }
.field > label:not(.choice), legend { display: block; font-weight: 600; margin-bottom: 4px; padding: 0; }
input:not([type=checkbox], [type=radio]), select { display: block; width: 100%; max-width: 440px; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--quiet); border-radius: 6px; padding: 7px 10px; min-height: 38px; }
input[aria-invalid=true], select[aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
input[type=checkbox], input[type=radio] { width: 18px; height: 18px; margin: 3px 0 0; flex: none; accent-color: var(--water); }
.choice { display: flex; gap: 10px; padding: 4px 0; min-height: 28px; cursor: pointer; }
.nested { margin: 6px 0 0 28px; }
.hint { margin: 4px 0 0; color: var(--quiet); font-size: 14px; }
.error { margin: 4px 0 0; color: var(--bad); font-weight: 600; }
.error:empty { display: none; }
.warning { margin: 6px 0; padding: 8px 12px; color: var(--mild); background: var(--mild-ground); border-radius: 6px; }
button, a.button { display: inline-block; font: inherit; font-weight: 600; cursor: pointer; text-decoration: none; min-height: 38px; padding: 7px 16px;
  color: var(--ink); background: var(--sheet); border: 1px solid var(--quiet); border-radius: 6px; }
button.main, a.main { color: var(--sheet); background: var(--water); border-color: var(--water); }
button.copy { min-height: 28px; padding: 2px 10px; font-size: 13px; font-weight: 500; }
button[aria-disabled=true] { opacity: 0.55; cursor: progress; }
button:disabled { opacity: 0.55; cursor: not-allowed; }
button:focus-visible, a.button:focus-visible, input:focus-visible, select:focus-visible, .scroll:focus-visible, pre:focus-visible {
  outline: 2px solid var(--water); outline-offset: 2px; }
.actions { display: flex; flex-wrap: wrap; gap: 10px; margin: 14px 0; }
#state { min-height: 1.5em; margin: 14px 0 0; color: var(--quiet); }
#alert:empty { display: none; }
#alert { margin: 6px 0 0; padding: 10px 14px; color: var(--bad); background: var(--bad-ground); border-radius: 8px; max-width: 760px; overflow-wrap: anywhere; }
#alert p { margin: 0; }
.compare { min-width: 460px; margin: 0 0 8px; }
.compare th[scope=row] { font-weight: 500; color: var(--quiet); white-space: normal; }
pre { margin: 6px 0 0; padding: 10px 76px 10px 12px; overflow: auto; max-height: 26rem; font: 13px/1.5 var(--mono);
  white-space: pre-wrap; overflow-wrap: anywhere;
  background: var(--ground); border: 1px solid var(--line); border-radius: 6px; }
.block { position: relative; }
.block .copy { position: absolute; top: 6px; right: 6px; }
.copied { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: baseline; }
#needs h3, #preview h3 { margin: 18px 0 4px; }
#needs h3:first-child, #preview h3:first-child { margin-top: 0; }
#needs .card > h3:first-child { margin-top: 0; }
ol, ul { margin: 6px 0; padding-left: 22px; }
li { margin: 4px 0; overflow-wrap: anywhere; }
#buckets .card a { font-weight: 600; overflow-wrap: anywhere; }
@media (max-width: 640px) { .actions > * { flex: 1 1 100%; text-align: center; } }
`;
