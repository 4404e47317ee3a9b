import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** `enc:v1:<key id>:<base64 of IV, ciphertext and tag>` */
const SEALED = /^enc:v1:([0-9a-f]{8}):([A-Za-z0-9+/]+={0,2})$/;
const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** Seals secrets by AES-256-GCM (NIST SP 800-38D), each with an IV of its own. */
export class SecretBox {
  readonly #key: Uint8Array;
  /** The beginning of the key's hash. */
  readonly keyId: string;

  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes`);
    this.#key = key;
    this.keyId = createHash("sha256").update(key).digest("hex").slice(0, 8);
  }

  seal(text: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(this.#context);
    const sealed = Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `enc:v1:${this.keyId}:${sealed.toString("base64")}`;
  }

  /** @throws when it was changed, or sealed with another key */
  open(sealed: string): string {
    const [, keyId, text = ""] = SEALED.exec(sealed) ?? [];
    if (keyId !== this.keyId) throw new Error(`it was sealed with the key ${keyId}, and the key here is ${this.keyId}`);
    const bytes = Buffer.from(text, "base64");
    if (bytes.length < IV_BYTES + TAG_BYTES) throw new Error("it is cut short");
    const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, IV_BYTES)).setAAD(this.#context);
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  }

  get #context(): Uint8Array {
    return new TextEncoder().encode(`iot-connector secret v1 ${this.keyId}`);
  }
}

export function isSealed(text: string): boolean {
  return text.startsWith("enc:v1:");
}
