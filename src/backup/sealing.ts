/** Whom a backup is sealed for: who knows a passphrase, or who has a private key. */
import { isRecipe, keyOf, newRecipe, type Recipe } from "../buffer/spool/passphrase.ts";
import { ConfigError, reasonOf } from "../core/error.ts";

/** Shorter passphrases are guessed from a file that left the site. */
const MIN_PASSPHRASE = 12;
const KEY_BITS = 256;
const CURVE = "X25519";

/** How the key of a backup is made, as its first line says it. */
export type KeyHead =
  | ({ readonly by: "passphrase" } & Recipe)
  /** `ephemeral`: the public half of a key that was made for this backup alone, hex. */
  | { readonly by: "recipient"; readonly ephemeral: string };

/** For whom to seal; `publicKey` is PEM, of X25519 (RFC 7748). */
export type Sealing =
  | { readonly passphrase: string }
  | { readonly publicKey: string };

/** What opens a backup; `privateKey` is PEM. */
export type Opening =
  | { readonly passphrase: string }
  | { readonly privateKey: string };

export interface NewKey {
  readonly head: KeyHead;
  readonly key: Uint8Array<ArrayBuffer>;
}

/** A key for one backup. @throws {ConfigError} for a short passphrase, or what is no key of X25519 */
export async function newKey(sealing: Sealing): Promise<NewKey> {
  if ("passphrase" in sealing) {
    if (sealing.passphrase.length < MIN_PASSPHRASE) {
      throw unfit(`the passphrase has fewer than ${MIN_PASSPHRASE} characters`);
    }
    const recipe = newRecipe();
    return { head: { by: "passphrase", ...recipe }, key: await keyOf(sealing.passphrase, recipe) };
  }
  const recipient = await imported("spki", sealing.publicKey);
  const own = await crypto.subtle.generateKey({ name: CURVE }, true, ["deriveBits"]) as CryptoKeyPair; // of this kind it is a pair
  const ephemeral = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey)).toHex();
  return { head: { by: "recipient", ephemeral }, key: await agreed(own.privateKey, recipient, ephemeral) };
}

/** The key of a backup. @throws {ConfigError} when this is not what it was sealed for */
export async function oldKey(head: KeyHead, opening: Opening): Promise<Uint8Array<ArrayBuffer>> {
  if (head.by === "passphrase") {
    if (!("passphrase" in opening)) throw unfit("it was sealed with a passphrase: give it with --passphrase-stdin");
    return await keyOf(opening.passphrase, head);
  }
  if (!("privateKey" in opening)) throw unfit("it was sealed for a key: name the file of its private half with --key");
  const own = await imported("pkcs8", opening.privateKey);
  const ephemeral = await crypto.subtle.importKey("raw", Uint8Array.fromHex(head.ephemeral), CURVE, false, []);
  return await agreed(own, ephemeral, head.ephemeral);
}

/** Whether a first line says how a key is made, in a way that this host can follow. */
export function isKeyHead(head: KeyHead): boolean {
  return head?.by === "passphrase" ? isRecipe(head) : head?.by === "recipient" && /^[0-9a-f]{64}$/.test(head.ephemeral);
}

/** Elliptic-curve agreement, and HKDF with SHA-256 (RFC 5869) over it. */
async function agreed(own: CryptoKey, other: CryptoKey, ephemeral: string): Promise<Uint8Array<ArrayBuffer>> {
  const shared = await crypto.subtle.deriveBits({ name: CURVE, public: other }, own, KEY_BITS);
  const secret = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode("iot-connector backup");
  const recipe = { name: "HKDF", hash: "SHA-256", salt: Uint8Array.fromHex(ephemeral), info };
  return new Uint8Array(await crypto.subtle.deriveBits(recipe, secret, KEY_BITS));
}

async function imported(format: "spki" | "pkcs8", pem: string): Promise<CryptoKey> {
  try {
    const der = Uint8Array.fromBase64(pem.replace(/-----[A-Z ]+-----/g, ""));
    return await crypto.subtle.importKey(format, der, CURVE, false, format === "spki" ? [] : ["deriveBits"]);
  } catch (error) {
    const half = format === "spki" ? "public" : "private";
    throw unfit(`the file is no ${half} key of X25519 in PEM (openssl genpkey -algorithm X25519): ${reasonOf(error)}`);
  }
}

function unfit(reason: string): ConfigError {
  return new ConfigError("backup_key_unfit", `Cannot make the key of the backup: ${reason}`);
}
