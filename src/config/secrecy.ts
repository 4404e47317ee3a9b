/** Keeps secrets out of sentences. */
import type { z } from "zod";
import { anyWithin, metaOf, schemaUnder } from "./walk.ts";

/** Shorter texts would be found in any sentence. */
const MIN_CHARS = 4;

/** Makes a function that puts `***` for every secret that `value` holds, and for passwords in addresses. */
export function hider(schema: z.core.$ZodType, value: unknown): (text: string) => string {
  const secrets = [...secretsIn(schema, value)].filter((text) => text.length >= MIN_CHARS);
  const longestFirst = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((hidden, secret) => hidden.replaceAll(secret, "***"), hidePassword(text));
}

const holdsSecrets = anyWithin(({ secret }) => secret === true);

function* secretsIn(schema: z.core.$ZodType, value: unknown): Iterable<string> {
  if (metaOf(schema).secret === true) {
    if (typeof value === "string" || typeof value === "number") yield String(value);
    return;
  }
  if (typeof value !== "object" || value === null || !holdsSecrets(schema)) return;
  for (const [text, item] of Object.entries(value)) {
    const key = Array.isArray(value) ? Number(text) : text;
    const under = schemaUnder(schema, value, key);
    if (under) yield* secretsIn(under, item);
  }
}

/**
 * Addresses may hold a user and a password: `http://user:password@proxy:3128`. It takes a time that grows with the text and
 * no faster, since whoever writes a long one would keep everything else waiting.
 */
export function hidePassword(text: string): string {
  return text.includes("@") ? text.replaceAll(/\S+/g, withoutPassword) : text;
}

/** `word`: without spaces. */
function withoutPassword(word: string): string {
  const [scheme, end] = [word.indexOf("://"), word.lastIndexOf("@")];
  return scheme > 0 && end >= scheme + 3 ? `${word.slice(0, scheme + 3)}***${word.slice(end)}` : word;
}

/** The same for a value that is an address and nothing else, however it is written. */
export function hidePasswordOf(address: string): string {
  return address.includes("://") ? address.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^]*@/i, "$1***@") : address;
}
