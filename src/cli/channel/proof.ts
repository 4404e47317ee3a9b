/**
 * How the two sides of a connection prove that they know the token without saying it: HMAC-SHA-256 (RFC 2104) of both
 * sides' nonces, with the token as the key. Who is asked is part of what is signed, so that no proof can be sent back.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../lib/secret.ts";

const NONCE_BYTES = 32;
/** 32 bytes as base64url. */
const TEXT_OF_32_BYTES = /^[\w-]{43}$/;

/** Of one connection; each side made one of them. */
export interface Nonces {
  readonly command: string;
  readonly connector: string;
}

export function newNonce(): string {
  return crypto.getRandomValues(new Uint8Array(NONCE_BYTES)).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Whether a text may be a nonce, or a proof. */
export function isNonce(value: unknown): value is string {
  return typeof value === "string" && TEXT_OF_32_BYTES.test(value);
}

/** What only `side` can say, and only to these nonces. */
export function proofOf(token: Secret, side: keyof Nonces, { command, connector }: Nonces): string {
  return createHmac("sha256", token.reveal()).update(`${side}\n${command}\n${connector}`).digest("base64url");
}

/** Whether a proof is the right one, in a time that tells nothing of where it differs. */
export function isSameProof(given: string, wanted: string): boolean {
  const utf8 = new TextEncoder();
  const [a, b] = [utf8.encode(given), utf8.encode(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
