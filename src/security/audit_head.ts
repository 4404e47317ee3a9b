/**
 * The head of the audit: `audit/head.json` says which line is the last one, sealed by a key that stands elsewhere in the
 * home. The chain of hashes alone does not tell lines that were cut off its end.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { infoOf, linkFree, makeDirectory, replaceFile } from "../core/home_file.ts";

const HEAD_FILE = "audit/head.json";
const KEY_FILE = "certs/audit.key";
const KEY_BYTES = 32;

const headSchema = z.strictObject({ n: z.int().min(1), hash: z.string(), mac: z.string() });
const keySchema = z.string().trim().regex(/^[0-9a-f]{64}$/);

/** What the last line is, as far as that is known. */
export type AuditHead =
  | { readonly state: "sealed"; readonly n: number; readonly hash: string }
  /** It was not sealed by this key, or there is no key any more. */
  | { readonly state: "broken" }
  | { readonly state: "missing"; readonly isFirst: boolean };

export class AuditHeadFile {
  readonly #home: string;
  readonly #base: string;

  constructor(home: string) {
    this.#home = home;
    this.#base = home === "/" ? "" : home;
  }

  /** @throws what the file system throws */
  read(): AuditHead {
    const text = this.#text(HEAD_FILE);
    const key = this.#key();
    if (text === undefined) return { state: "missing", isFirst: key === undefined };
    const head = headSchema.safeParse(parsed(text)).data;
    if (!head || !key || !isSame(head.mac, macOf(key, head))) return { state: "broken" };
    return { state: "sealed", n: head.n, hash: head.hash };
  }

  /** Says that this is the last line; a power cut leaves what it said before. @throws what the file system throws */
  write(last: { readonly n: number; readonly hash: string }): void {
    const key = this.#key() ?? this.#makeKey();
    const { n, hash } = last;
    replaceFile(this.#home, `${this.#base}/${HEAD_FILE}`, `${JSON.stringify({ n, hash, mac: macOf(key, last) })}\n`);
  }

  /** Undefined where there is none, or something else stands there. */
  #key(): string | undefined {
    return keySchema.safeParse(this.#text(KEY_FILE)).data;
  }

  #makeKey(): string {
    const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES)).toHex();
    makeDirectory(this.#home, `${this.#base}/certs`);
    replaceFile(this.#home, `${this.#base}/${KEY_FILE}`, `${key}\n`);
    return key;
  }

  #text(path: string): string | undefined {
    const whole = linkFree(this.#home, `${this.#base}/${path}`);
    return infoOf(whole) ? Deno.readTextFileSync(whole) : undefined;
  }
}

function macOf(key: string, { n, hash }: { readonly n: number; readonly hash: string }): string {
  return createHmac("sha256", Buffer.from(key, "hex")).update(`audit ${n} ${hash}`).digest("hex");
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON
  }
}
