/** Text from a device or server must not steer the terminal: each of its control characters becomes U+FFFD. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, "\ufffd");
}
