/** The key that seals secrets in the state file: a systemd credential, or a file of the home directory. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { ConfigError, reasonOf } from "../core/error.ts";
import { makeDirectory, replaceFile } from "../core/home_file.ts";
import type { ExpandDeps } from "./expand.ts";
import { KEY_BYTES, SecretBox } from "./secret_box.ts";

/** Seen from the home directory; 32 bytes as base64. */
export const SECRETS_KEY_FILE = "certs/secrets.key";
/** The same text as a credential of this name (`LoadCredential=` of systemd). */
const CREDENTIAL = "secrets.key";

export interface KeyPlace extends ExpandDeps {
  /** Absolute path of the home directory. */
  readonly home: string;
}

/** The box of this installation; undefined where no key was made yet. @throws {ConfigError} when the key cannot be used */
export async function findSecretBox({ home, env, readTextFile }: KeyPlace): Promise<SecretBox | undefined> {
  const folder = env("CREDENTIALS_DIRECTORY");
  const paths = [...(folder ? [`${folder}/${CREDENTIAL}`] : []), `${home}/${SECRETS_KEY_FILE}`];
  for (const path of paths) {
    const text = await textAt(path, readTextFile);
    if (text !== undefined) return boxOf(text, path);
  }
  return undefined;
}

/** The same, with a key made where there is none. @throws {ConfigError} */
export async function secretBox(place: KeyPlace): Promise<SecretBox> {
  const found = await findSecretBox(place);
  if (found) return found;
  const { home } = place;
  const key = randomBytes(KEY_BYTES);
  try {
    makeDirectory(home, `${home}/certs`);
    replaceFile(home, `${home}/${SECRETS_KEY_FILE}`, `${key.toString("base64")}\n`);
  } catch (error) {
    throw new ConfigError("secrets_key_not_made", `Cannot make ${SECRETS_KEY_FILE}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  return new SecretBox(key);
}

async function textAt(path: string, readTextFile: ExpandDeps["readTextFile"]): Promise<string | undefined> {
  try {
    return await readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    const message = `Cannot read ${path}, the key of the secrets in the state file: ${reasonOf(error)}`;
    throw new ConfigError("secrets_key_unreadable", message, { cause: error });
  }
}

function boxOf(text: string, path: string): SecretBox {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length === KEY_BYTES) return new SecretBox(key);
  const advice = "restore it from a backup, or delete it and enter the secrets of the pages again";
  throw new ConfigError("secrets_key_damaged", `${path} is no key of ${KEY_BYTES} bytes in base64: ${advice}`);
}
