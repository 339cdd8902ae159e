/**
 * The lines of two texts side by side: which were kept, which are gone and which are new.
 *
 * @param {string} before
 * @param {string} after
 * @returns {{readonly kind: 'same' | 'gone' | 'new', readonly text: string}[]}
 */
export function lineDiff(before, after) {
  const old = before === '' ? [] : before.split('\n');
  const fresh = after === '' ? [] : after.split('\n');
  const common = commonLengths(old, fresh);
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    const [gone, added] = [old[i], fresh[j]];
    if (gone !== undefined && gone === added) {
      lines.push({ kind: /** @type {const} */ ('same'), text: gone });
      i++;
      j++;
    } else if (
      gone !== undefined &&
      (added === undefined || at(common, i + 1, j) >= at(common, i, j + 1))
    ) {
      lines.push({ kind: /** @type {const} */ ('gone'), text: gone });
      i++;
    } else {
      lines.push({ kind: /** @type {const} */ ('new'), text: added ?? '' });
      j++;
    }
  }
  return lines;
}

/**
 * What changes, with a few lines around it; what lies between is null.
 *
 * @template {{readonly kind: string}} Line
 * @param {readonly Line[]} lines
 * @param {number} around
 * @returns {(Line | null)[]}
 */
export function onlyChanges(lines, around) {
  const isNear = lines.map((_, index) =>
    lines
      .slice(Math.max(0, index - around), index + around + 1)
      .some(({ kind }) => kind !== 'same'),
  );
  return lines.flatMap((line, index) => {
    if (isNear[index]) return [line];
    return index > 0 && isNear[index - 1] ? [null] : [];
  });
}

/**
 * How many lines the ends of both, from i and from j on, have in common.
 *
 * @param {readonly string[]} old
 * @param {readonly string[]} fresh
 */
function commonLengths(old, fresh) {
  /** @type {number[][]} */
  const lengths = [];
  for (let i = old.length - 1; i >= 0; i--) {
    /** @type {number[]} */
    const row = [];
    for (let j = fresh.length - 1; j >= 0; j--) {
      row[j] =
        old[i] === fresh[j]
          ? at(lengths, i + 1, j + 1) + 1
          : Math.max(at(lengths, i + 1, j), row[j + 1] ?? 0);
    }
    lengths[i] = row;
  }
  return lengths;
}

/**
 * @param {readonly (readonly number[])[]} lengths
 * @param {number} i
 * @param {number} j
 */
function at(lengths, i, j) {
  return lengths[i]?.[j] ?? 0;
}
