/**
 * Brings the page up to date every two seconds while it is looked at, and keeps
 * open what the reader has opened. Browsers without scripts reload it instead.
 */
export const pageScript = `
const state = document.getElementById('state');
async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.pathname, { headers: { accept: 'text/html' } });
    if (!answer.ok) throw new Error();
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
    const shown = document.querySelector('main');
    for (const opened of shown.querySelectorAll('details[id]')) {
      const same = fresh.querySelector('#' + CSS.escape(opened.id));
      if (same) same.open = opened.open;
    }
    if (fresh.innerHTML !== shown.innerHTML) shown.replaceChildren(...fresh.childNodes);
    state.textContent = 'Up to date.';
  } catch {
    state.textContent = 'Causeway does not answer. This is what it said last.';
  }
}
setInterval(refresh, 2000);
document.addEventListener('visibilitychange', refresh);
`;
