import type { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Access, Role } from "../../service/access.ts";
import type { ApiEnv } from "./env.ts";
import type { GuardOptions } from "./guard.ts";

/** What each file of routes adds its own to, and works with. */
export interface ApiTools {
  readonly app: OpenAPIHono<ApiEnv>;
  readonly access: Access;
  readonly origin: GuardOptions;
  readonly clock: Clock;
  readonly log: Logger;
  /** Lets through who has at least this role. */
  readonly guard: (role: Role) => MiddlewareHandler<ApiEnv>;
  /** Takes in a JSON body. */
  readonly body: MiddlewareHandler<ApiEnv>;
}
