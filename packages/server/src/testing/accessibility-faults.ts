/**
 * An expression for a page: what in it keeps people out who see little, or use no mouse.
 * Names of fields and buttons, order of headings, double ids, references that lead
 * nowhere, and the contrast of all visible text (WCAG 2.2 AA, 1.4.3).
 */
export const accessibilityFaults = `(() => {
  const faults = [];
  const isVisible = (element) => element.checkVisibility({ visibilityProperty: true });
  const nameOf = (element) => {
    const by = (element.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
    return (element.getAttribute('aria-label') ?? (by || [...(element.labels ?? [])]
      .map(({ textContent }) => textContent).join(' ') || element.textContent)).trim();
  };
  if (!document.documentElement.lang) faults.push('no language');
  if (!document.title) faults.push('no title');
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  for (const element of document.querySelectorAll('input, textarea, select, button, a, [role=tab], [role=region]')) {
    if (isVisible(element) && nameOf(element) === '') faults.push('no name: ' + element.outerHTML.slice(0, 120));
  }
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    if (!isVisible(heading)) continue;
    const own = Number(heading.tagName.slice(1));
    if (own > level + 1) faults.push('heading skips a level: ' + heading.textContent);
    level = own;
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push('double id: ' + id);
  for (const name of ['aria-describedby', 'aria-labelledby', 'aria-controls', 'aria-errormessage', 'for']) {
    for (const element of document.querySelectorAll('[' + name + ']')) {
      for (const id of element.getAttribute(name).split(' ')) {
        if (!document.getElementById(id)) faults.push(name + ' leads nowhere: ' + id);
      }
    }
  }
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (layers) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const layer of layers) { canvas.fillStyle = layer; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.unshift(getComputedStyle(each).backgroundColor);
    return layers;
  };
  const seen = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (seen.has(element) || texts.currentNode.data.trim() === '' || !isVisible(element)) continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const [light, dark] = [luminance(paint([...ground, style.color])), luminance(paint(ground))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (isLarge ? 3 : 4.5)) faults.push('contrast ' + contrast.toFixed(2) + ': ' + element.outerHTML.slice(0, 120));
  }
  return faults;
})()`;
