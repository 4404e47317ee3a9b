/** Who may do what with the connector over its web listener: logins, users and tokens, each change noted in the audit. */
import type { Clock } from "../core/clock.ts";
import { AuthError, ConfigError, EdgeError, reasonOf } from "../core/error.ts";
import type { Secret } from "../lib/secret.ts";
import { FoldedNotes } from "./folded_notes.ts";
import {
  type ApiToken,
  Attempts,
  Audit,
  type AuditNote,
  isAtLeast,
  lesserRole,
  type Role,
  type Session,
  Sessions,
  SetupCode,
  Tokens,
  type User,
  Users,
} from "../security/mod.ts";

export {
  type ApiToken,
  type AuditEntry,
  isAtLeast,
  networkOf,
  type Role,
  ROLES,
  type Session,
  type User,
} from "../security/mod.ts";

/** Who asks. */
export interface Caller {
  /** For the audit: a user, or `token <name>`. */
  readonly who: string;
  readonly role: Role;
  /** The user; of a token its owner. */
  readonly user: string;
  /** IP address. */
  readonly from: string;
  /** Absent for a token. */
  readonly session?: Session;
  /** Which token it is; absent for a session. Its owner is `user`. */
  readonly tokenId?: string;
}

/** What was just begun: the cookie goes to the browser alone. */
export interface Login {
  readonly session: Session;
  readonly cookie: string;
}

export interface AccessOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
}

/** A login that goes on. Times are microseconds since 1970-01-01 UTC. */
export interface ShownSession {
  /** Names it, and lets nobody in. */
  readonly key: string;
  readonly name: string;
  /** Address that it was begun from. */
  readonly from: string;
  readonly began: number;
  readonly seen: number;
  /** It is that of who asks. */
  readonly isOwn: boolean;
}

/** Passwords were tried too often. */
export class TooManyAttempts extends EdgeError {
  readonly disposition = "retry";
  readonly retryInSeconds: number;

  constructor(retryInMs: number) {
    const seconds = Math.ceil(retryInMs / 1000);
    super("too_many_attempts", `That was tried too often: try again in ${seconds} s`);
    this.retryInSeconds = seconds;
  }
}

/** The account of limits that trying the setup code counts for. No user can be called so. */
const SETUP_ACCOUNT = "setup code";

export class Access {
  readonly audit: Audit;
  /** How long sessions last that begin from now on. */
  sessionHours = 12;
  readonly #clock: Clock;
  readonly #users: Users;
  readonly #tokens: Tokens;
  readonly #sessions: Sessions;
  readonly #attempts: Attempts;
  readonly #folded: FoldedNotes;
  /** What was asked for and has not come about yet, by the request that asked. */
  readonly #asked = new WeakMap<Caller, { readonly action: string; readonly target: string }>();
  #setupCode: SetupCode | undefined;

  constructor({ home, clock }: AccessOptions) {
    this.#clock = clock;
    this.#users = new Users(home);
    this.#tokens = new Tokens(home);
    this.#sessions = new Sessions({ users: this.#users, clock, hours: () => this.sessionHours });
    this.#attempts = new Attempts(clock);
    this.audit = new Audit(home, clock);
    this.#folded = new FoldedNotes((note) => this.#note(note), clock);
  }

  /** Whether there is a user. @throws {ConfigError} when that cannot be read */
  get isSetUp(): boolean {
    return this.#users.all().length > 0;
  }

  /** The code with which the first administrator is made, while there is no user: to be told where only the owner reads. */
  setupCode(): string | undefined {
    if (this.isSetUp) return undefined;
    this.#setupCode ??= new SetupCode();
    return this.#setupCode.text;
  }

  /** Makes the first administrator. @throws {AuthError} for a wrong code @throws {ConfigError} once there is a user */
  async setUp(wanted: { code: string; name: string; password: Secret }, from: string): Promise<Login> {
    const { code, name, password } = wanted;
    if (this.isSetUp) throw new ConfigError("already_set_up", "There is an administrator already: log in");
    this.#try(SETUP_ACCOUNT, from);
    if (!this.#setupCode?.is(code)) {
      throw new AuthError("setup_code_wrong", "This is not the setup code: the connector's log has it");
    }
    const first = { name, role: "administrator", password, isFirst: true } as const;
    const user = await this.#users.add(first, this.#clock.nowUs(), ({ name }) => {
      this.#note({ who: name, from, action: "setup", target: name, detail: {} });
    });
    this.#setupCode = undefined;
    this.#attempts.succeeded(SETUP_ACCOUNT, from);
    return this.#sessions.begin(user, from);
  }

  /** @throws {AuthError} for a wrong name or password: nobody is told which @throws {TooManyAttempts} */
  async logIn({ name, password }: { name: string; password: Secret }, from: string): Promise<Login> {
    this.#try(name, from);
    const user = await this.#users.verified(name, password);
    if (!user) {
      this.#noteFailure(name, from);
      throw new AuthError("login_failed", "User name or password is wrong");
    }
    this.#attempts.succeeded(name, from);
    this.#note({ who: user.name, from, action: "session.begin", target: user.name, detail: { role: user.role } });
    return this.#sessions.begin(user, from);
  }

  logOut({ session, who, from }: Caller): void {
    if (!session) return;
    this.#sessions.end(session.id);
    this.#note({ who, from, action: "session.end", target: who, detail: {} });
  }

  /** Who has this cookie; undefined for nobody. */
  ofCookie(cookie: string, from: string): Caller | undefined {
    const session = this.#sessions.find(cookie);
    return session && { who: session.name, role: session.role, user: session.name, from, session };
  }

  /** Who has this API token; undefined for nobody. */
  ofToken(text: string, from: string): Caller | undefined {
    const token = this.#tokens.verified(text, this.#clock.nowUs());
    const owner = token && this.#ownerOf(token);
    if (!token || !owner) return undefined;
    this.#tokens.noteUse(token, this.#clock.nowUs());
    const role = lesserRole(token.role, owner.role);
    return { who: `token ${token.name}`, role, user: owner.name, from, tokenId: token.id };
  }

  /** Whether a request that changes something brought what only the page of its session knows. */
  hasToken(session: Session, csrf: string): boolean {
    return this.#sessions.isToken(session, csrf);
  }

  /**
   * Logins that go on: one's own, and everybody's for an administrator. A token that is no administrator's sees none: whoever
   * found it could keep the user who made it logged out.
   */
  sessions(by: Caller): readonly ShownSession[] {
    const nowUs = this.#clock.nowUs();
    const own = by.session && this.#sessions.keyOf(by.session.id);
    return this.#sessions.all().filter(({ name }) =>
      by.role === "administrator" || (by.session !== undefined && name === by.user)
    ).map((
      { key, name, from, ageMs, idleMs },
    ) => ({ key, name, from, began: nowUs - ageMs * 1000, seen: nowUs - idleMs * 1000, isOwn: key === own }));
  }

  /** @throws {ConfigError} when there is none that the caller may end */
  endSession(key: string, by: Caller): void {
    const session = this.sessions(by).find((each) => each.key === key);
    if (!session) throw new ConfigError("no_session", "There is no such session of yours: it may have ended already");
    this.note(by, "session.end", session.name, { from: session.from });
    this.#sessions.endByKey(key);
  }

  users(): readonly User[] {
    return this.#users.all();
  }

  /** @throws {AuthError} for a token */
  async addUser(wanted: { name: string; role: Role; password: Secret }, by: Caller): Promise<User> {
    refuseToken(by);
    return await this.#users.add(wanted, this.#clock.nowUs(), ({ name, role }) => {
      this.note(by, "user.add", name, { role });
    });
  }

  /** All that is given is changed, or nothing. Sessions of the user end. @throws {AuthError} for a token */
  async changeUser(name: string, change: { role?: Role; password?: Secret }, by: Caller): Promise<User> {
    refuseToken(by);
    const password = change.password ? "changed" : "kept";
    return await this.#users.change(name, change, ({ name, role }) => {
      this.note(by, "user.change", name, { role, password });
    });
  }

  /** Sessions and tokens of the user end. */
  removeUser(name: string, by: Caller): void {
    const tokens = this.#tokens.all().filter(({ owner }) => owner.toLowerCase() === name.toLowerCase());
    const detail: NoteDetail = tokens.length > 0 ? { tokens: tokens.map(({ id }) => id).join(" ") } : {};
    this.#users.remove(name, (user) => this.note(by, "user.remove", user.name, detail));
    this.#tokens.removeOf(name);
  }

  /** @throws {AuthError} when the old password is wrong @returns a session in place of all that end by it */
  async changeOwnPassword({ old, password }: { old: Secret; password: Secret }, by: Caller): Promise<Login> {
    this.#try(by.user, by.from);
    if (!await this.#users.verified(by.user, old)) {
      this.#noteFailure(by.user, by.from);
      throw new AuthError("password_wrong", "The old password is wrong");
    }
    this.#attempts.succeeded(by.user, by.from);
    const user = await this.#users.change(by.user, { password }, ({ name }) => this.note(by, "user.password", name));
    return this.#sessions.begin(user, by.from);
  }

  /** Those that work. */
  tokens(): readonly ApiToken[] {
    const nowUs = this.#clock.nowUs();
    return this.#tokens.all().filter((token) =>
      this.#ownerOf(token) !== undefined && (token.expires === null || token.expires > nowUs)
    );
  }

  /** `days`: how long it is good; null: until it is deleted. @throws {AuthError} for a token, and when it could do more than who makes it */
  addToken(
    { name, role, days }: { name: string; role: Role; days: number | null },
    by: Caller,
  ): { readonly token: ApiToken; readonly text: Secret } {
    refuseToken(by);
    if (!isAtLeast(by.role, role)) throw new AuthError("role_too_high", `A token of yours can be ${by.role} at most`);
    // Not before its owner, even where the clock went back meanwhile: it would be taken for one of an earlier user.
    const nowUs = Math.max(this.#clock.nowUs(), this.#users.find(by.user)?.created ?? 0);
    const expires = days === null ? null : nowUs + days * 86_400e6;
    return this.#tokens.add({ name, role, owner: by.user, expires }, nowUs, ({ id, owner }) => {
      this.note(by, "token.add", name, { id, owner, role });
    });
  }

  removeToken(id: string, by: Caller): void {
    this.#tokens.remove(id, ({ name, owner, role }) => this.note(by, "token.remove", name, { id, owner, role }));
  }

  /** Notes a change before it is made, or what came of one that was intended. `detail` must hold no secret. @throws {ConfigError} then it must not be made */
  note(by: Caller, action: string, target: string, detail: NoteDetail = {}): void {
    this.#note(noteOf(by, { action, target, detail }));
    if (this.#asked.get(by)?.action === action) this.#asked.delete(by);
  }

  /**
   * Notes that somebody asked for a change, before it is tried: `note` says what came of it, and `noteRefusal` that nothing did.
   * @throws {ConfigError} then it must not be tried
   */
  intend(by: Caller, action: string, target: string): void {
    this.note(by, action, target, { state: "asked" });
    this.expect(by, action, target);
  }

  /** The same for what changes nothing, and is worth a line only where it is refused. */
  expect(by: Caller, action: string, target: string): void {
    this.#asked.set(by, { action, target });
  }

  /** Notes that nothing came of what this request asked for, and why. @throws {ConfigError} where it cannot be noted */
  noteRefusal(by: Caller, code: string, reason: string): void {
    const asked = this.#asked.get(by);
    if (!asked) return;
    this.#asked.delete(by);
    if (TAKEN_BACK.includes(code)) return this.noteFailure(by, asked.target, { asked: asked.action, code, reason });
    const detail = { state: "refused", code, reason: reason.slice(0, MAX_REASON) };
    this.#folded.note(noteOf(by, { ...asked, detail }));
  }

  /** Notes that a change was made, and taken back. @throws {ConfigError} where it cannot be noted */
  noteFailure(by: Caller, target: string, detail: NoteDetail): void {
    this.note(by, "config.failed", target, detail);
  }

  /** Notes what may come each second, such as reading: what follows within five minutes is counted. @throws {ConfigError} */
  noteOften(by: Caller, action: string, target: string, detail: NoteDetail = {}): void {
    this.#folded.note(noteOf(by, { action, target, detail }));
  }

  /** The same for what is about one thing after another: those after the first are named in the line that counts them. */
  noteLook(by: Caller, action: string, target: string, which: string): void {
    this.#folded.note(noteOf(by, { action, target, detail: {} }), which);
  }

  /** Writes what was counted so far, where it is due; all of it where nothing will follow. @throws {ConfigError} */
  flush(options: { readonly isLast?: boolean } = {}): void {
    this.#folded.flush(options);
  }

  #note(note: Parameters<Audit["note"]>[0]): void {
    try {
      this.audit.note(note);
    } catch (cause) {
      const message = `Cannot write the audit, without which nothing is changed: ${reasonOf(cause)}; see to the disk`;
      throw new ConfigError("audit_not_written", message, { cause });
    }
  }

  /** The user who made it; undefined when that one is gone, although there may be a later one of the same name. */
  #ownerOf({ owner, created }: ApiToken): User | undefined {
    const user = this.#users.find(owner);
    return user && user.created <= created ? user : undefined;
  }

  /** What failed is noted too, with a name only where there is such a user: people type passwords into the wrong field. */
  #noteFailure(name: string, from: string): void {
    const who = this.#users.find(name)?.name ?? "somebody unknown";
    this.#note({ who, from, action: "session.refused", target: who, detail: {} });
  }

  /** @throws {TooManyAttempts} */
  #try(account: string, from: string): void {
    const waitMs = this.#attempts.take(account, from);
    if (waitMs > 0) throw new TooManyAttempts(waitMs);
  }
}

/** Codes of errors that a change which was made already met. */
const TAKEN_BACK: readonly string[] = ["change_not_applied", "change_not_confirmed"];
const MAX_REASON = 2000;

type Noted = Pick<AuditNote, "action" | "target" | "detail">;

/** Of a token, which one and whose: its name alone is not enough. */
function noteOf({ who, from, user, tokenId }: Caller, { action, target, detail }: Noted): AuditNote {
  const token: NoteDetail = tokenId === undefined ? {} : { by_token: tokenId, by_owner: user };
  return { who, from, action, target, detail: { ...detail, ...token } };
}

/** What is told of a change beside its name. */
export type NoteDetail = Readonly<Record<string, string | number | boolean | null>>;

/** What a stolen token makes would go on after it was deleted. */
function refuseToken({ tokenId }: Caller): void {
  if (tokenId === undefined) return;
  const message = "A token makes no users, passwords or tokens: log in for that, or use the command line on the host";
  throw new AuthError("session_needed", message);
}
