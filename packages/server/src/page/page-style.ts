/** The page's one stylesheet: system fonts, light and dark, readable on a phone. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f5, #14171a);
  --sheet: light-dark(#ffffff, #1c2024);
  --ink: light-dark(#1d2327, #e6e9eb);
  --quiet: light-dark(#5b666e, #98a3ab);
  --line: light-dark(#dfe3e0, #30363c);
  --water: light-dark(#0b6577, #62c3d6);
  --good: light-dark(#1c6b3f, #6fce98);
  --good-ground: light-dark(#e2f2e8, #17331f);
  --bad: light-dark(#a42a24, #ff958c);
  --bad-ground: light-dark(#fbe7e5, #40201d);
  --mild: light-dark(#7d5500, #edbd5c);
  --mild-ground: light-dark(#faf0d8, #3a2e10);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--water); text-underline-offset: 2px; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--water); outline-offset: 2px; border-radius: 3px; }
header, main, footer { max-width: 1120px; margin: 0 auto; padding: 0 20px; }
header { display: flex; flex-wrap: wrap; gap: 4px 24px; align-items: baseline; padding-top: 28px; }
header h1 { font-size: 22px; letter-spacing: -0.01em; margin: 0; }
header p { margin: 0; color: var(--quiet); flex: 1 1 320px; }
nav { display: flex; gap: 18px; }
h2 { font-size: 17px; margin: 36px 0 10px; }
h3 { font-size: 15px; margin: 0; overflow-wrap: anywhere; }
.counts { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 22px 0 0; padding: 14px 18px;
  background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; }
.counts div { display: flex; gap: 7px; align-items: baseline; }
.counts dt { color: var(--quiet); order: 2; }
.counts dd { margin: 0; font-weight: 650; font-size: 18px; font-variant-numeric: tabular-nums; }
.card { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; margin: 0 0 14px; padding: 16px 18px; }
.title { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; }
.quiet { color: var(--quiet); }
.empty { color: var(--quiet); background: var(--sheet); border: 1px dashed var(--line);
  border-radius: 10px; padding: 18px; margin: 0; }
code { font-family: var(--mono); font-size: 0.88em; overflow-wrap: anywhere; }
.tag { display: inline-block; padding: 0 9px; border-radius: 99px; font-size: 13px; font-weight: 600; white-space: nowrap;
  color: var(--quiet); background: light-dark(#ebeeec, #2a3036); }
.good { color: var(--good); background: var(--good-ground); }
.bad { color: var(--bad); background: var(--bad-ground); }
.mild { color: var(--mild); background: var(--mild-ground); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 10px 0 0; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--quiet); width: fit-content; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-top: 10px; }
th { text-align: left; font-weight: 500; font-size: 13px; color: var(--quiet); white-space: nowrap; }
th, td { padding: 6px 14px 6px 0; border-top: 1px solid var(--line); vertical-align: top; }
thead th { border-top: 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.fix { display: block; margin: 4px 0 2px; padding-left: 10px; border-left: 2px solid var(--water); }
.next { font-weight: 600; }
.summary { margin: 10px 0 0; }
.summary ~ p.quiet, td p.quiet { margin: 4px 0 0; }
.failure { margin: 4px 0 0; color: var(--bad); }
footer { padding-top: 28px; padding-bottom: 48px; color: var(--quiet); font-size: 13px; }
@media (max-width: 640px) { .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: 6px; } }
`;
