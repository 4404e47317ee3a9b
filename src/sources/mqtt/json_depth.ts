const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Whether objects and arrays of a JSON text are nested more than `maxDepth` deep. Counts brackets outside of strings and
 * makes nothing of the text, so that it costs the same however deep the text is.
 *
 * ```ts
 * isDeeperThan(1, "[[1]]"); // true
 * ```
 */
export function isDeeperThan(maxDepth: number, text: string): boolean {
  if (text.length <= maxDepth) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (CLOSING.has(code)) depth--;
    else if (OPENING.has(code) && ++depth > maxDepth) return true;
  }
  return false;
}

/** Where the string that begins at `start` ends: at its closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
