/** Making the first administrator, logging in and out, and one's own password. */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import { Secret } from "../../lib/secret.ts";
import { type Login, ROLES } from "../../service/access.ts";
import type { ApiEnv } from "./env.ts";
import { cookieNameFor } from "./guard.ts";
import { clientOf, refuseForeignPage } from "./origin.ts";
import { Refusal } from "./refusal.ts";
import { CONFLICT, LIMITED, needs, reads, takes } from "./route.ts";
import { json, jsonBody } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const password = z.string().min(1).max(1024).openapi({ format: "password" });
const username = z.string().min(1).max(64);
const session = z.object({
  username: z.string(),
  role: z.enum(ROLES),
  csrf: z.string().openapi({ description: "Goes into the header `x-csrf` of every change." }),
}).openapi("Session");

const OPEN = { tags: ["session"], security: [] };

const setupState = createRoute({
  ...OPEN,
  method: "get",
  path: "/api/setup",
  summary: "Whether the first administrator is still to be made",
  responses: reads({ 200: json(z.object({ needed: z.boolean() }), "Whether there is no user yet.") }),
});

/** Adds them. */
export function sessionRoutes({ app, access, origin, guard, body }: ApiTools): void {
  const from = (context: Context<ApiEnv>) => clientOf(context.req.raw, context.env, origin).address;
  const begin = (context: Context<ApiEnv>, { session: { name, role, csrf }, cookie }: Login) => {
    const { isEncrypted } = clientOf(context.req.raw, context.env, origin);
    const options = { httpOnly: true, sameSite: "Strict", secure: isEncrypted, path: "/" } as const;
    setCookie(context, cookieNameFor(origin.cookieName, isEncrypted), cookie, options);
    return { username: name, role, csrf };
  };

  app.openapi(setupState, (context) => context.json({ needed: !access.isSetUp }, 200));

  app.openapi(
    createRoute({
      ...OPEN,
      method: "post",
      path: "/api/setup",
      summary: "Make the first administrator, with the code in the connector's log, and log in",
      middleware: [ownPagesOnly, body] as const,
      request: { body: jsonBody(z.strictObject({ code: z.string().max(32), username, password })) },
      responses: takes({ 201: json(session, "The session of the new administrator."), ...CONFLICT, ...LIMITED }),
    }),
    async (context) => {
      const { code, username: name, password } = context.req.valid("json");
      const login = await access.setUp({ code, name, password: new Secret(password) }, from(context));
      return context.json(begin(context, login), 201);
    },
  );

  app.openapi(
    createRoute({
      ...OPEN,
      method: "post",
      path: "/api/session",
      summary: "Log in",
      middleware: [ownPagesOnly, body] as const,
      request: { body: jsonBody(z.strictObject({ username, password })) },
      responses: takes({ 201: json(session, "The session; its cookie is in the header `set-cookie`."), ...LIMITED }),
    }),
    async (context) => {
      const { username: name, password } = context.req.valid("json");
      const login = await access.logIn({ name, password: new Secret(password) }, from(context));
      return context.json(begin(context, login), 201);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "session", "Who is logged in"),
      method: "get",
      path: "/api/session",
      middleware: [guard("viewer")] as const,
      responses: reads({ 200: json(session, "The session. Of a token `csrf` is empty: it needs none.") }),
    }),
    (context) => {
      const { user, role, session } = context.get("caller");
      return context.json({ username: user, role, csrf: session?.csrf ?? "" }, 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "session", "Log out"),
      method: "delete",
      path: "/api/session",
      middleware: [guard("viewer")] as const,
      responses: reads({ 204: { description: "The session has ended." } }),
    }),
    (context) => {
      access.logOut(context.get("caller"));
      const { isEncrypted } = clientOf(context.req.raw, context.env, origin);
      setCookie(context, cookieNameFor(origin.cookieName, isEncrypted), "", {
        httpOnly: true,
        sameSite: "Strict",
        secure: isEncrypted,
        path: "/",
        maxAge: 0,
      });
      return context.body(null, 204);
    },
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "session", "Change one's own password: all sessions end but a new one"),
      method: "put",
      path: "/api/me/password",
      middleware: [guard("viewer"), body] as const,
      request: { body: jsonBody(z.strictObject({ old_password: password, new_password: password })) },
      responses: takes({ 200: json(session, "The new session."), ...LIMITED }),
    }),
    async (context) => {
      const caller = context.get("caller");
      if (!caller.session) {
        throw new Refusal({ status: 403, code: "needs_session", title: "A token changes no password: log in" });
      }
      const { old_password: old, new_password: password } = context.req.valid("json");
      const change = { old: new Secret(old), password: new Secret(password) };
      return context.json(begin(context, await access.changeOwnPassword(change, caller)), 200);
    },
  );
}

/** Before there is a session there is no token of one: the browser's word on where a request comes from has to do. */
async function ownPagesOnly(context: Context<ApiEnv>, next: () => Promise<void>): Promise<void> {
  refuseForeignPage(context.req.raw);
  await next();
}
