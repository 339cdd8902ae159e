export const connectStyle = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem; }
section { border-top: 1px solid #8886; margin-top: 1.5rem; }
label { display: block; font-weight: 600; margin-top: .75rem; }
input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem; }
button, a { font: inherit; }
button { margin-top: .75rem; padding: .4rem .9rem; }
button[aria-pressed=true] { font-weight: 700; text-decoration: underline; }
form > p { margin: .2rem 0; opacity: .8; }
pre { overflow: auto; max-height: 24rem; padding: .75rem; border: 1px solid #8886; }
pre:empty { display: none; }
#steps li { overflow-wrap: anywhere; }
`;
