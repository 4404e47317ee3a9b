import { Secret } from "../lib/secret.ts";

/** Shorter texts would be found in any line. */
const MIN_CHARS = 4;
/** Words of a path are as short as that. */
const MIN_PART = 8;
const PASSWORD_IN_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^:@]*:(.+)@/i;

/**
 * Makes a function that puts `***` for every secret that `values` hold, however a text came to hold one: as it is, and as
 * JSON writes it.
 */
export function hiding(...values: readonly unknown[]): (text: string) => string {
  const plain = [...new Set(secretsIn(values, new Set()))].filter((text) => text.length >= MIN_CHARS);
  const forms = plain.flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((hidden, secret) => hidden.replaceAll(secret, "***"), text);
}

function* secretsIn(value: unknown, seen: Set<object>): Iterable<string> {
  if (value instanceof Secret) return yield* formsOf(value.reveal());
  if (typeof value === "string") return yield PASSWORD_IN_ADDRESS.exec(value)?.[1] ?? "";
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  for (const each of Object.values(value)) yield* secretsIn(each, seen);
}

/** Of an address, which may be told in parts, its path too, and what that ends in: there is what makes it a secret. */
function formsOf(secret: string): string[] {
  const url = URL.parse(secret);
  if (!url?.host || url.pathname === "/") return [secret];
  const last = url.pathname.split("/").at(-1) ?? "";
  return [secret, `${url.pathname}${url.search}`, last.length >= MIN_PART ? last : "", url.search.slice(1)];
}
