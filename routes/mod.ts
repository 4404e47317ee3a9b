/** The pages: addresses to what renders them. */
import { type Context, Hono } from "hono";
import type { Fetch, Peer } from "../src/web/mod.ts";
import type { PagesDeps, Visit } from "../src/web/pages/mod.ts";
import { loginPage, setupPage } from "./gate.tsx";
import { logsPage, monitoringPage } from "./tabs.tsx";

/** Answers pages and the files that they load; everything else is not found. */
export function pages(deps: PagesDeps): Fetch {
  const app = new Hono<{ Bindings: Peer }>();
  const page = (render: (visit: Visit) => Response) => ({ req, env }: Context<{ Bindings: Peer }>) =>
    render({ request: req.raw, peer: env, deps });
  app.get("/assets/:name", ({ req }) => {
    const file = deps.assets.answer(req.param("name"), req.header("accept-encoding") ?? "");
    return file ?? new Response(null, { status: 404 });
  });
  app.get("/", (context) => context.redirect("/monitoring", 303));
  app.get("/login", page(loginPage));
  app.get("/setup", page(setupPage));
  app.get("/monitoring", page(monitoringPage));
  app.get("/logs", page(logsPage));
  return (request, peer) => app.fetch(request, peer);
}
