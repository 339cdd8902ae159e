import { type Html, type HtmlValue, html } from './html.ts';

/** A page with more rows than this is read by no one. */
const maxRows = 500;

/** A table under its title. */
export function section(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly HtmlValue[])[],
  before: Html | null = null,
): Html {
  const shown = rows.slice(0, maxRows);
  const left = rows.length - shown.length;
  const head = heads.map((text) => html`<th scope="col">${text}</th>`);
  const lines = shown.map(
    (row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
  );
  const table = html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>
${lines}</tbody></table></div>`;
  return html`<section>
<h2>${title}</h2>
${before}${rows.length === 0 ? html`<p>None.</p>` : table}${left > 0 ? html`<p>And ${left} more.</p>` : null}
</section>
`;
}
