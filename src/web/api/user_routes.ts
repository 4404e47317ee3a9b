/** Users, and tokens for scripts. */
import { createRoute, z } from "@hono/zod-openapi";
import { Secret } from "../../lib/secret.ts";
import { type ApiToken, ROLES, type User } from "../../service/access.ts";
import { CONFLICT, needs, NOT_FOUND, reads, takes } from "./route.ts";
import { isoTime, json, jsonBody, listOf, pageOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

const role = z.enum(ROLES);
const password = z.string().min(1).max(1024).openapi({ format: "password" });
const user = z.object({ username: z.string(), role, created: time }).openapi("User");
const token = z.object({
  id: z.string(),
  name: z.string(),
  role,
  owner: z.string().openapi({ description: "The user who made it. It never may more than this user." }),
  created: time,
  expires: time.nullable(),
  last_used: time.nullable().openapi({ description: "To the hour; null: never." }),
}).openapi("Token");
const userChange = z.strictObject({ role: role.optional(), password: password.optional() }).refine(
  ({ role, password }) => role !== undefined || password !== undefined,
  "must have a role, a password, or both",
);
const named = { params: z.object({ name: z.string().min(1).max(64) }) };

/** Adds those of users. */
export function userRoutes({ app, access, guard, body }: ApiTools): void {
  app.openapi(
    createRoute({
      ...needs("administrator", "users", "All users"),
      method: "get",
      path: "/api/users",
      middleware: [guard("administrator")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(user), "A page of users.") }),
    }),
    (context) => context.json(pageOf(access.users().map(shownUser), context.req.valid("query")), 200),
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "users", "Make a user"),
      method: "post",
      path: "/api/users",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(z.strictObject({ username: z.string().min(1).max(64), role, password })) },
      responses: takes({ 201: json(user, "The new user."), ...CONFLICT }),
    }),
    async (context) => {
      const { username: name, role, password } = context.req.valid("json");
      const wanted = { name, role, password: new Secret(password) };
      return context.json(shownUser(await access.addUser(wanted, context.get("caller"))), 201);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "users", "Change a user's role or password: the user's sessions end"),
      method: "put",
      path: "/api/users/{name}",
      middleware: [guard("administrator"), body] as const,
      request: {
        ...named,
        body: jsonBody(userChange),
      },
      responses: takes({ 200: json(user, "The user."), ...NOT_FOUND, ...CONFLICT }),
    }),
    async (context) => {
      const { role, password } = context.req.valid("json");
      const change = { ...(role ? { role } : {}), ...(password ? { password: new Secret(password) } : {}) };
      const { name } = context.req.valid("param");
      return context.json(shownUser(await access.changeUser(name, change, context.get("caller"))), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "users", "Remove a user: sessions and tokens of the user end"),
      method: "delete",
      path: "/api/users/{name}",
      middleware: [guard("administrator")] as const,
      request: named,
      responses: reads({ 204: { description: "The user is gone." }, ...NOT_FOUND, ...CONFLICT }),
    }),
    (context) => {
      access.removeUser(context.req.valid("param").name, context.get("caller"));
      return context.body(null, 204);
    },
  );
}

/** Adds those of tokens. */
export function tokenRoutes({ app, access, guard, body }: ApiTools): void {
  app.openapi(
    createRoute({
      ...needs("administrator", "tokens", "All API tokens, without their text"),
      method: "get",
      path: "/api/tokens",
      middleware: [guard("administrator")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(token), "A page of tokens.") }),
    }),
    (context) => context.json(pageOf(access.tokens().map(shownToken), context.req.valid("query")), 200),
  );

  const made = token.extend({
    token: z.string().openapi({ description: "Its text, told this once: `authorization: Bearer …`." }),
  }).openapi("NewToken");
  const wanted = z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9_. -]{1,64}$/),
    role,
    days: z.int().min(1).max(3650).nullable().default(365).openapi({
      description: "How long it is good; null: until it is deleted.",
    }),
  });
  app.openapi(
    createRoute({
      ...needs("administrator", "tokens", "Make an API token for a script"),
      method: "post",
      path: "/api/tokens",
      middleware: [guard("administrator"), body] as const,
      request: { body: jsonBody(wanted) },
      responses: takes({ 201: json(made, "The token, with its text."), ...CONFLICT }),
    }),
    (context) => {
      const { token, text } = access.addToken(context.req.valid("json"), context.get("caller"));
      return context.json({ ...shownToken(token), token: text.reveal() }, 201);
    },
  );

  app.openapi(
    createRoute({
      ...needs("administrator", "tokens", "Delete an API token: it ends at once"),
      method: "delete",
      path: "/api/tokens/{id}",
      middleware: [guard("administrator")] as const,
      request: { params: z.object({ id: z.string().min(1).max(64) }) },
      responses: reads({ 204: { description: "The token is gone." }, ...NOT_FOUND }),
    }),
    (context) => {
      access.removeToken(context.req.valid("param").id, context.get("caller"));
      return context.body(null, 204);
    },
  );
}

function shownUser({ name, role, created }: User): z.output<typeof user> {
  return { username: name, role, created: isoTime(created) };
}

function shownToken({ id, name, role, owner, created, expires, used }: ApiToken): z.output<typeof token> {
  const times = { created: isoTime(created), expires: timeOrNull(expires), last_used: timeOrNull(used) };
  return { id, name, role, owner, ...times };
}

function timeOrNull(us: number | null): string | null {
  return us === null ? null : isoTime(us);
}
