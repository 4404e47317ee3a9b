/** Who may call what: sessions by cookie, scripts by token. */
import type { MiddlewareHandler } from "hono";
import { parse } from "hono/utils/cookie";
import { type Access, type Caller, isAtLeast, type Role } from "../../service/access.ts";
import type { ApiEnv } from "./env.ts";
import type { Peer } from "../peer.ts";
import { clientOf, type OriginOptions, refuseForeignPage } from "./origin.ts";
import { Refusal } from "./refusal.ts";

export interface GuardOptions extends OriginOptions {
  readonly access: Access;
  /** Its name in the browser: connectors on other ports of the host have others. */
  readonly cookieName: string;
  /** Told of each request of an administrator that is let through: that confirms a change of the way to here. */
  readonly changes?: { noteReached(): void } | undefined;
}

const SAFE_METHODS = ["GET", "HEAD"];

/** The cookie's name; `__Host-` has the browser take it from this very host over TLS alone. */
export function cookieNameFor(name: string, isEncrypted: boolean): string {
  return isEncrypted ? `__Host-${name}` : name;
}

/** Who sent the request; undefined for nobody that is known. */
export function callerOf(request: Request, peer: Peer, options: GuardOptions): Caller | undefined {
  const { access, cookieName } = options;
  const { address, isEncrypted } = clientOf(request, peer, options);
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (token !== undefined) return access.ofToken(token, address);
  const name = cookieNameFor(cookieName, isEncrypted);
  const cookie = parse(request.headers.get("cookie") ?? "", name)[name];
  return cookie === undefined ? undefined : access.ofCookie(cookie, address);
}

/** Lets those through who may do at least what `role` may. @throws {Refusal} for all others, before a body is read */
export function guard(role: Role, options: GuardOptions): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { raw } = context.req;
    const caller = callerOf(raw, context.env, options);
    if (!caller) throw unauthenticated();
    if (!SAFE_METHODS.includes(raw.method) && caller.session) {
      refuseForeignPage(raw);
      if (!options.access.hasToken(caller.session, raw.headers.get("x-csrf") ?? "")) {
        const title = "A change needs the header x-csrf, with the csrf of the session";
        throw new Refusal({ status: 403, code: "csrf_missing", title });
      }
    }
    if (!isAtLeast(caller.role, role)) {
      throw new Refusal({ status: 403, code: "role_too_low", title: `This needs the role ${role}` });
    }
    if (caller.role === "administrator") options.changes?.noteReached();
    context.set("caller", caller);
    await next();
  };
}

export function unauthenticated(): Refusal {
  const problem = { status: 401, code: "not_logged_in", title: "Log in, or send an API token" };
  return new Refusal(problem, { "www-authenticate": 'Bearer realm="iot-connector"' });
}
