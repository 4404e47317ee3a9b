/**
 * Characters that steer a terminal or reorder what it shows: controls (C0 and C1), line and paragraph separators, and
 * the marks of bidirectional text (Unicode Standard Annex #9, 2).
 */
// deno-lint-ignore no-control-regex -- control characters are what it is about
const STEERING = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** One line of text from a file, a device or a server, which must not steer the terminal: what could becomes U+FFFD. */
export function printable(text: string): string {
  return text.replace(STEERING, "\ufffd");
}

/** The same for several lines, whose line feeds stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** JSON text, in which these characters are escaped: JSON itself leaves many as they are. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(STEERING, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
