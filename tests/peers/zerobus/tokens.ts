/** A token that was given out. */
export interface Grant {
  readonly token: string;
  /** The one table it may write; undefined for a token of the workspace's API. */
  readonly table: string | undefined;
  readonly expiresMs: number;
}

/** The tokens of the workspace. They are opaque and random. */
export class TokenLedger {
  readonly #grants = new Map<string, Grant>();
  #issued = 0;

  /** How many were ever given out. */
  get issued(): number {
    return this.#issued;
  }

  issue(table: string | undefined, lifeSeconds: number): Grant {
    this.#issued++;
    const token = `dapi-${crypto.randomUUID()}`;
    const grant = { token, table, expiresMs: performance.now() + lifeSeconds * 1000 };
    this.#grants.set(token, grant);
    this.#forgetExpired();
    return grant;
  }

  /** The grant behind an `authorization` header; undefined when it is missing, unknown, revoked or has expired. */
  find(authorization: string | undefined | null): Grant | undefined {
    const token = authorization?.match(/^Bearer (\S+)$/)?.[1];
    const grant = token === undefined ? undefined : this.#grants.get(token);
    return grant && grant.expiresMs > performance.now() ? grant : undefined;
  }

  /** None that was given out is good any more. */
  revokeAll(): void {
    this.#grants.clear();
  }

  #forgetExpired(): void {
    if (this.#grants.size < 1000) return;
    for (const [token, grant] of this.#grants) if (grant.expiresMs <= performance.now()) this.#grants.delete(token);
  }
}
