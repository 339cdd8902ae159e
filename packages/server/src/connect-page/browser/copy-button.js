import { announce, make } from './dom.js';

/**
 * A button that copies a text. Where the browser keeps the clipboard shut, which it does
 * for pages that are not served over https, the text is selected instead.
 *
 * @param {string} label Such as "Copy the external ID"
 * @param {() => string} text
 * @param {() => Element | null} shown where the same text stands on the page
 */
export function copyButton(label, text, shown = () => null) {
  const button = make('button', { type: 'button', class: 'small', 'aria-label': label }, 'Copy');
  const copy = async () => {
    announce((await copied(text())) ? `${label}: copied.` : selected(shown()));
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  };
  button.addEventListener('click', () => void copy());
  return button;
}

/**
 * @param {string} text
 * @returns {Promise<boolean>} false where the browser does not allow it
 */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** @param {Element | null} element */
function selected(element) {
  if (element === null) return 'Your browser does not let this page copy: select the text.';
  getSelection()?.selectAllChildren(element);
  return 'The text is selected: press Ctrl+C, or Command+C on a Mac.';
}

/**
 * A text to be copied as it is.
 *
 * @param {string} label what it is
 * @param {string} text
 */
export function copyBlock(label, text) {
  const block = make('pre', { tabindex: '0', role: 'region', 'aria-label': label }, text);
  return make(
    'div',
    { class: 'block' },
    copyButton(
      `Copy ${label}`,
      () => text,
      () => block,
    ),
    block,
  );
}
