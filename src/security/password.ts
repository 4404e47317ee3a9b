import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { ConfigError } from "../core/error.ts";
import { Condition } from "../lib/condition.ts";
import type { Secret } from "../lib/secret.ts";

/** Work factor: OWASP Password Storage Cheat Sheet has N = 2^15, r = 8, p = 3 as one of its equal choices for scrypt. */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const MAX_COST = 2 ** 17;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
export const MIN_PASSWORD = 10;
const MAX_PASSWORD = 256;
/** Hashes at a time: each needs 32 MiB. */
const MAX_RUNNING = 2;

/** What is kept of a password. */
export const passwordHashSchema = z.strictObject({
  n: z.int().min(2).max(MAX_COST),
  r: z.int().min(1).max(32),
  p: z.int().min(1).max(16),
  salt: z.base64(),
  hash: z.base64(),
});

export type PasswordHash = z.output<typeof passwordHashSchema>;

let running = 0;
const ended = new Condition();

/** @throws {ConfigError} for a password that must not be */
export async function hashPassword(password: Secret, name: string): Promise<PasswordHash> {
  const fault = passwordFault(password.reveal(), name);
  if (fault !== undefined) throw new ConfigError("password_unfit", `This password cannot be used: ${fault}`);
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return { n: COST.N, r: COST.r, p: COST.p, salt: salt.toString("base64"), hash: hash.toString("base64") };
}

/** Takes as long for nobody's password as for somebody's, so that the time does not tell which names there are. */
export async function isPassword(password: Secret, kept: PasswordHash | undefined): Promise<boolean> {
  const { n, r, p, salt, hash } = kept ?? NOBODY;
  const expected = Buffer.from(hash, "base64");
  const found = await derive(password, Buffer.from(salt, "base64"), { N: n, r, p });
  return timingSafeEqual(found, expected) && kept !== undefined;
}

const NOBODY: PasswordHash = {
  n: COST.N,
  r: COST.r,
  p: COST.p,
  salt: Buffer.alloc(SALT_BYTES).toString("base64"),
  hash: Buffer.alloc(HASH_BYTES).toString("base64"),
};

function passwordFault(password: string, name: string): string | undefined {
  const { length } = [...password];
  if (length < MIN_PASSWORD) return `it must have at least ${MIN_PASSWORD} characters`;
  if (length > MAX_PASSWORD) return `it may have at most ${MAX_PASSWORD} characters`;
  if (password.toLowerCase().includes(name.toLowerCase()) && length < name.length + MIN_PASSWORD) {
    return "it is little more than the user's name";
  }
  if (new Set(password).size < 4) return "it has fewer than four different characters";
  return undefined;
}

async function derive(
  password: Secret,
  salt: Uint8Array,
  { N, r, p }: { N: number; r: number; p: number },
): Promise<Buffer> {
  while (running >= MAX_RUNNING) await ended.wait();
  running++;
  try {
    return await new Promise((resolve, reject) => {
      const options = { N, r, p, maxmem: 256 * N * r };
      // One form of a text, however a keyboard wrote it (RFC 8265, 4.2).
      const text = password.reveal().slice(0, MAX_PASSWORD * 2).normalize("NFC");
      scrypt(text, salt, HASH_BYTES, options, (error, hash) => error ? reject(error) : resolve(hash));
    });
  } finally {
    running--;
    ended.wake();
  }
}
