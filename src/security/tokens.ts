import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { ConfigError } from "../core/error.ts";
import { Secret } from "../lib/secret.ts";
import { JsonFile } from "./json_file.ts";
import { type Role, roleSchema } from "./role.ts";
import { type BeforeWriting, isSameUser, userName } from "./users.ts";

const MAX_TOKENS = 200;
const ID_BYTES = 6;
const SECRET_BYTES = 32;
/** A script may ask every second: the file is not written for each request. */
const USED_EVERY_US = 3_600e6;

const tokenSchema = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  name: z.string().min(1).max(64),
  role: roleSchema,
  /** SHA-256 of the token, hexadecimal: it is 256 random bits, for which no slow hash is needed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Who made it. Without this user it is void, and it never may more than the user may. */
  owner: userName,
  /** Microseconds since 1970-01-01 UTC. */
  created: z.number(),
  /** When it ends; null: never. */
  expires: z.number().nullable(),
  /** When it was last used, to the hour; null: never. */
  used: z.number().nullable().default(null),
});

/** What is kept of a token for scripts. */
export type ApiToken = z.output<typeof tokenSchema>;

const fileSchema = z.strictObject({ version: z.literal(1), tokens: z.array(tokenSchema).max(MAX_TOKENS) });

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly owner: string;
  readonly expires: number | null;
}

/** Tokens for scripts: `certs/tokens.json`. A token is `iot_<id>_<secret>`, and told once, when it is made. */
export class Tokens {
  readonly #file: JsonFile<typeof fileSchema>;

  /** `home`: absolute path of the home directory. */
  constructor(home: string) {
    this.#file = new JsonFile({
      home,
      path: "certs/tokens.json",
      schema: fileSchema,
      empty: { version: 1, tokens: [] },
    });
  }

  all(): readonly ApiToken[] {
    return this.#file.read().tokens;
  }

  /** @throws {ConfigError} when there are too many */
  add(
    wanted: NewToken,
    nowUs: number,
    before: BeforeWriting<ApiToken> = () => {},
  ): { readonly token: ApiToken; readonly text: Secret } {
    const tokens = this.all().filter(({ expires }) => expires === null || expires > nowUs);
    if (tokens.length >= MAX_TOKENS) {
      throw new ConfigError("too_many_tokens", `There may be ${MAX_TOKENS} tokens at most: delete those not in use`);
    }
    const id = crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
    const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64({ alphabet: "base64url" });
    const text = `iot_${id}_${secret.replace(/=+$/, "")}`;
    const token = { id, ...wanted, hash: hashOf(text), created: nowUs, used: null };
    before(token);
    this.#file.write({ version: 1, tokens: [...tokens, token] });
    return { token, text: new Secret(text) };
  }

  /** Undefined for what is no token, or one that has ended. */
  verified(text: string, nowUs: number): ApiToken | undefined {
    const [, id] = /^iot_([0-9a-f]{12})_[\w-]{43}$/.exec(text) ?? [];
    const token = this.all().find((each) => each.id === id);
    if (!token || (token.expires !== null && token.expires <= nowUs)) return undefined;
    return timingSafeEqual(Buffer.from(hashOf(text)), Buffer.from(token.hash)) ? token : undefined;
  }

  /** Keeps when a token was used. That it cannot be kept is no reason to refuse the script. */
  noteUse({ id, used }: ApiToken, nowUs: number): void {
    if (used !== null && nowUs - used < USED_EVERY_US && nowUs >= used) return;
    try {
      this.#file.write({
        version: 1,
        tokens: this.all().map((each) => each.id === id ? { ...each, used: nowUs } : each),
      });
    } catch {
      // the next use tries again
    }
  }

  /** @throws {ConfigError} when there is none with this id */
  remove(id: string, before: BeforeWriting<ApiToken> = () => {}): ApiToken {
    const token = this.all().find((each) => each.id === id);
    if (!token) throw new ConfigError("no_token", "There is no token with this id");
    before(token);
    this.#file.write({ version: 1, tokens: this.all().filter((each) => each !== token) });
    return token;
  }

  /** Removes those of one user. */
  removeOf(owner: string): void {
    const tokens = this.all();
    const left = tokens.filter((each) => !isSameUser(each.owner, owner));
    if (left.length < tokens.length) this.#file.write({ version: 1, tokens: left });
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
