import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Role } from "./role.ts";
import type { User, Users } from "./users.ts";

const ID_BYTES = 32;
/** Sessions at a time, of all users and of one. The oldest makes way. */
const MAX_SESSIONS = 500;
const MAX_OF_USER = 20;
const KEY_CHARS = 16;

interface Kept {
  readonly name: string;
  readonly stamp: string;
  /** Address that it was begun from. */
  readonly from: string;
  /** These by the clock that never jumps. */
  readonly beganMs: number;
  readonly endsMs: number;
  seenMs: number;
}

/** A session as others may see it: with its name nobody gets in. */
export interface OpenSession {
  readonly key: string;
  readonly name: string;
  readonly from: string;
  /** Since it began, and since its last request. */
  readonly ageMs: number;
  readonly idleMs: number;
}

/** Who is behind a request, and what it must send along to change something. */
export interface Session {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly csrf: string;
}

export interface SessionsOptions {
  readonly users: Users;
  readonly clock: { monotonicMs(): number };
  readonly hours: () => number;
}

/**
 * Logins. They are kept in memory alone: a restart ends them. The cookie is the session's id and its seal, so that an id
 * that was never given is refused without being looked up.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #key = randomBytes(32);
  /** The oldest first. */
  readonly #open = new Map<string, Kept>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  begin({ name, role, stamp }: User, from = ""): { readonly session: Session; readonly cookie: string } {
    this.#makeRoom(name);
    const id = randomBytes(ID_BYTES).toString("base64url");
    const { clock, hours } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#open.set(id, { name, stamp, from, beganMs: nowMs, seenMs: nowMs, endsMs: nowMs + hours() * 3_600_000 });
    const session = { id, name, role, csrf: this.#seal("csrf", id) };
    return { session, cookie: `${id}.${this.#seal("cookie", id)}` };
  }

  /** The session of a cookie; undefined when it is forged or over, or its user has changed since. */
  find(cookie: string): Session | undefined {
    const [id = "", seal = ""] = cookie.split(".", 2);
    if (!isSame(seal, this.#seal("cookie", id))) return undefined;
    const kept = this.#open.get(id);
    if (!kept) return undefined;
    const user = this.#userOf(kept);
    if (user) {
      kept.seenMs = this.#options.clock.monotonicMs();
      return { id, name: user.name, role: user.role, csrf: this.#seal("csrf", id) };
    }
    this.#open.delete(id);
    return undefined;
  }

  /** Those that go on, the newest first. */
  all(): readonly OpenSession[] {
    const nowMs = this.#options.clock.monotonicMs();
    const going = [...this.#open].filter(([, kept]) => this.#userOf(kept)).reverse();
    return going.map(([id, { name, from, beganMs, seenMs }]) => (
      { key: this.keyOf(id), name, from, ageMs: nowMs - beganMs, idleMs: nowMs - seenMs }
    ));
  }

  /** What others may call a session by. */
  keyOf(id: string): string {
    return this.#seal("key", id).slice(0, KEY_CHARS);
  }

  /** Ends the one that others call so. */
  endByKey(key: string): void {
    for (const id of this.#open.keys()) if (this.keyOf(id) === key) this.#open.delete(id);
  }

  end(id: string): void {
    this.#open.delete(id);
  }

  get size(): number {
    return this.#open.size;
  }

  /** Whether this is the token of the session: what a page of another site cannot know. */
  isToken({ csrf }: Session, token: string): boolean {
    return isSame(csrf, token);
  }

  /** Undefined where the session is over, or its user has changed since. */
  #userOf({ name, stamp, endsMs }: Kept): User | undefined {
    const user = this.#options.users.find(name);
    return user?.stamp === stamp && endsMs > this.#options.clock.monotonicMs() ? user : undefined;
  }

  #makeRoom(name: string): void {
    const own = [...this.#open].filter(([, kept]) => kept.name === name).map(([id]) => id);
    if (own.length >= MAX_OF_USER) this.#open.delete(own[0]!);
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MAX_SESSIONS && oldest !== undefined) this.#open.delete(oldest);
  }

  #seal(purpose: "cookie" | "csrf" | "key", id: string): string {
    return createHmac("sha256", this.#key).update(`${purpose} ${id}`).digest("base64url");
  }
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
