import { z } from "zod";
import { ConfigError } from "../core/error.ts";
import type { Secret } from "../lib/secret.ts";
import { JsonFile } from "./json_file.ts";
import { hashPassword, isPassword, passwordHashSchema } from "./password.ts";
import { type Role, roleSchema } from "./role.ts";

/** How a user may be called. */
export const userName = z.string().regex(/^[A-Za-z0-9_.@-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 _ . @ -");

const userSchema = z.strictObject({
  name: userName,
  role: roleSchema,
  password: passwordHashSchema,
  /** Microseconds since 1970-01-01 UTC. */
  created: z.number(),
  /** A new one with each password and role: sessions begun with another have ended. */
  stamp: z.string(),
});

/** One who may log in. */
export type User = z.output<typeof userSchema>;

const MAX_USERS = 200;
const fileSchema = z.strictObject({ version: z.literal(1), users: z.array(userSchema).max(MAX_USERS) });

/** Called with what all checks have let through, before it is written: what it throws leaves everything as it was. */
export type BeforeWriting<T> = (wanted: T) => void;

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  readonly password: Secret;
  /** Only when there is nobody yet: the very first one, whom nobody else can have made meanwhile. */
  readonly isFirst?: boolean;
}

/** Who may log in: `certs/users.json`, for its owner alone. Names are told apart without regard to upper and lower case. */
export class Users {
  readonly #file: JsonFile<typeof fileSchema>;

  /** `home`: absolute path of the home directory. */
  constructor(home: string) {
    this.#file = new JsonFile({
      home,
      path: "certs/users.json",
      schema: fileSchema,
      empty: { version: 1, users: [] },
    });
  }

  all(): readonly User[] {
    return this.#file.read().users;
  }

  find(name: string): User | undefined {
    return this.all().find((user) => isSameUser(user.name, name));
  }

  /** The user whom this password belongs to. */
  async verified(name: string, password: Secret): Promise<User | undefined> {
    const { password: kept, stamp } = this.find(name) ?? {};
    const isRight = await isPassword(password, kept);
    const user = this.find(name); // it may have changed meanwhile
    return isRight && user?.stamp === stamp ? user : undefined;
  }

  /** @throws {ConfigError} when there is one of this name, or the password or name is unfit */
  async add(
    { name, role, password, isFirst = false }: NewUser,
    nowUs: number,
    before: BeforeWriting<User> = () => {},
  ): Promise<User> {
    const parsed = userName.safeParse(name);
    if (!parsed.success) {
      throw new ConfigError("user_name_unfit", "A user's name must be 1 to 64 of A-Z a-z 0-9 _ . @ -");
    }
    this.#refuseTaken(name, isFirst);
    const hash = await hashPassword(password, name);
    this.#refuseTaken(name, isFirst);
    const user = { name, role, password: hash, created: nowUs, stamp: newStamp() };
    before(user);
    this.#write([...this.all(), user]);
    return user;
  }

  /**
   * Changes all that is given, or nothing; ends the sessions of the user too.
   * @throws {ConfigError} when there is none, the password is unfit, or it is the last administrator
   */
  async change(
    name: string,
    { role, password }: { readonly role?: Role; readonly password?: Secret },
    before: BeforeWriting<User> = () => {},
  ): Promise<User> {
    const hash = password && await hashPassword(password, this.#existing(name).name);
    const user = this.#existing(name); // it may have changed meanwhile
    if (role && role !== "administrator") this.#refuseLast(user);
    const changed = { ...user, role: role ?? user.role, password: hash ?? user.password, stamp: newStamp() };
    before(changed);
    this.#write(this.all().map((each) => isSameUser(each.name, changed.name) ? changed : each));
    return changed;
  }

  /** @throws {ConfigError} when there is none, or it is the last administrator */
  remove(name: string, before: BeforeWriting<User> = () => {}): void {
    const user = this.#existing(name);
    this.#refuseLast(user);
    before(user);
    this.#write(this.all().filter((each) => each !== user));
  }

  #existing(name: string): User {
    const user = this.find(name);
    if (!user) throw new ConfigError("no_user", `There is no user ${name}: \`user list\` shows them`);
    return user;
  }

  #refuseTaken(name: string, isFirst: boolean): void {
    const users = this.all();
    if (isFirst && users.length > 0) throw new ConfigError("already_set_up", "There is an administrator already");
    if (users.some((user) => isSameUser(user.name, name))) {
      throw new ConfigError("user_exists", `There is a user ${name} already`);
    }
    if (users.length >= MAX_USERS) throw new ConfigError("too_many_users", `There may be ${MAX_USERS} users at most`);
  }

  #refuseLast(user: User): void {
    const others = this.all().filter((each) => each !== user && each.role === "administrator");
    if (user.role !== "administrator" || others.length > 0) return;
    const message = `${user.name} is the last administrator: make another one first`;
    throw new ConfigError("last_administrator", message);
  }

  #write(users: readonly User[]): void {
    this.#file.write({ version: 1, users: [...users] });
  }
}

/** Whether two names are one user's. */
export function isSameUser(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function newStamp(): string {
  return crypto.getRandomValues(new Uint8Array(9)).toBase64({ alphabet: "base64url" });
}
