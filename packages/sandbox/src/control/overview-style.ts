/** How the page at `/_sandbox` looks, by day and by night. */
export const overviewStyle = `
:root { color-scheme: light dark; --line: #8884; --dim: #777; --good: #1a7f37; --bad: #c62828; --odd: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --dim: #999; --good: #57ab5a; --bad: #f47067; --odd: #d4a72c; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 100rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
header p { margin: .25rem 0 1rem; color: var(--dim); }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; margin: 0; }
dt { color: var(--dim); font-size: .8rem; }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
th { color: var(--dim); font-weight: 500; }
th, td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; }
code, pre { font: .8rem/1.45 ui-monospace, monospace; }
pre { margin: .25rem 0; white-space: pre-wrap; }
small { color: var(--dim); font-size: .8rem; display: block; }
summary { cursor: pointer; }
.good { color: var(--good); } .bad { color: var(--bad); } .odd { color: var(--odd); }
nav a { margin-right: 1rem; }
`;
