import { Buffer } from "node:buffer";
import { Secret } from "../lib/secret.ts";

/** Shorter texts are in any line: what stood in their place would tell what they are. */
const MIN_CHARS = 8;
const PASSWORD_IN_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^:@]*:(.+)@/i;
/** Settings that name who a secret is of: `user:secret` goes out in base64 (RFC 7617). */
const USERS = ["username", "client_id"];

export interface Hiding {
  /** Puts `***` for every secret, however a text came to hold one. */
  hide(text: string): string;
  /** Secrets that are too short to be looked for. */
  readonly tooShort: number;
}

/** Hides the secrets that `values` hold: as they are, as JSON and addresses write them, in base64 and in hex. */
export function hiding(...values: readonly unknown[]): Hiding {
  const secrets = [...secretsIn(values, new Set())].filter(({ text }) => text !== "");
  const forms = secrets.flatMap(formsOf).filter((form) => form.length >= MIN_CHARS);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return {
    hide: (text) => longestFirst.reduce((hidden, form) => hidden.replaceAll(form, "***"), text),
    tooShort: new Set(secrets.map(({ text }) => text).filter(({ length }) => length < MIN_CHARS)).size,
  };
}

interface Found {
  readonly text: string;
  /** Of whom it may be. */
  readonly users: readonly string[];
}

function* secretsIn(value: unknown, seen: Set<object>, users: readonly string[] = []): Iterable<Found> {
  if (value instanceof Secret) return yield { text: value.reveal(), users };
  if (typeof value === "string") return yield { text: PASSWORD_IN_ADDRESS.exec(value)?.[1] ?? "", users };
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  const named = USERS.flatMap((key) => {
    const user: unknown = Reflect.get(value, key);
    return typeof user === "string" && user !== "" ? [user] : [];
  });
  for (const each of Object.values(value)) yield* secretsIn(each, seen, named);
}

function formsOf({ text, users }: Found): string[] {
  const once = escaped(text);
  return [
    ...partsOf(text).flatMap((part) => [part, escaped(part), encodeURIComponent(part)]),
    escaped(once), // JSON that a line quotes
    ...text.length < MIN_CHARS ? [] : [base64(text), Buffer.from(text).toString("hex")],
    ...users.map((user) => base64(`${user}:${text}`)),
  ];
}

/**
 * What of a secret tells it: each line of one of several, and of an address, which may be told in parts, its path, and what
 * that ends in.
 */
function partsOf(secret: string): string[] {
  const url = URL.parse(secret);
  const lines = secret.includes("\n") ? secret.split(/\r?\n/) : [];
  if (!url?.host || url.pathname === "/") return [secret, ...lines];
  return [secret, `${url.pathname}${url.search}`, url.pathname.split("/").at(-1) ?? "", url.search.slice(1)];
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Without the end that depends on what comes behind. */
function base64(text: string): string {
  return Buffer.from(text).toString("base64").replace(/=+$/, "");
}
