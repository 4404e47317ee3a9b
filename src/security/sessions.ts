import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Role } from "./role.ts";
import type { User, Users } from "./users.ts";

const ID_BYTES = 32;
/** Sessions at a time, of all users and of one. The oldest makes way. */
const MAX_SESSIONS = 500;
const MAX_OF_USER = 20;

interface Kept {
  readonly name: string;
  readonly stamp: string;
  /** By the clock that never jumps. */
  readonly endsMs: number;
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

  begin({ name, role, stamp }: User): { readonly session: Session; readonly cookie: string } {
    this.#makeRoom(name);
    const id = randomBytes(ID_BYTES).toString("base64url");
    const { clock, hours } = this.#options;
    this.#open.set(id, { name, stamp, endsMs: clock.monotonicMs() + hours() * 3_600_000 });
    const session = { id, name, role, csrf: this.#seal("csrf", id) };
    return { session, cookie: `${id}.${this.#seal("cookie", id)}` };
  }

  /** The session of a cookie; undefined when it is forged or over, or its user has changed since. */
  find(cookie: string): Session | undefined {
    const [id = "", seal = ""] = cookie.split(".", 2);
    if (!isSame(seal, this.#seal("cookie", id))) return undefined;
    const kept = this.#open.get(id);
    if (!kept) return undefined;
    const user = this.#options.users.find(kept.name);
    if (user && user.stamp === kept.stamp && kept.endsMs > this.#options.clock.monotonicMs()) {
      return { id, name: user.name, role: user.role, csrf: this.#seal("csrf", id) };
    }
    this.#open.delete(id);
    return undefined;
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

  #makeRoom(name: string): void {
    const own = [...this.#open].filter(([, kept]) => kept.name === name).map(([id]) => id);
    if (own.length >= MAX_OF_USER) this.#open.delete(own[0]!);
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MAX_SESSIONS && oldest !== undefined) this.#open.delete(oldest);
  }

  #seal(purpose: "cookie" | "csrf", id: string): string {
    return createHmac("sha256", this.#key).update(`${purpose} ${id}`).digest("base64url");
  }
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
