/** The pages: addresses to what renders them. */
import { type Context, Hono } from "hono";
import { type Fetch, type Peer, problemResponse } from "../src/web/mod.ts";
import type { PagesDeps, Visit } from "../src/web/pages/mod.ts";
import { accountPage, auditPage, historyPage, settingsPage, tokensPage, usersPage } from "./administration.tsx";
import { certificatesPage, serverCertificatesPage } from "./certificates.tsx";
import { loginPage, setupPage } from "./gate.tsx";
import {
  editSourcePage,
  logsPage,
  monitoringPage,
  newSourcePage,
  sourcePage,
  sourcesPage,
  startPage,
  zerobusPage,
} from "./tabs.tsx";

type PageContext = Context<{ Bindings: Peer }>;

/** Answers pages and the files that they load; everything else is not found. @throws what a page throws */
export function pages(deps: PagesDeps): Fetch {
  const app = new Hono<{ Bindings: Peer }>();
  const visit = ({ req, env }: PageContext): Visit => ({ request: req.raw, peer: env, deps });
  const named = (render: (visit: Visit, name: string) => Response) => (context: PageContext) =>
    render(visit(context), context.req.param("name") ?? "");
  app.notFound(() => problemResponse({ status: 404, code: "not_found", title: "There is nothing at this address" }));
  app.onError((error) => {
    throw error; // the listener answers and logs it
  });
  app.get("/assets/:name", (context) => {
    const file = deps.assets.answer(context.req.param("name"), context.req.header("accept-encoding") ?? "");
    return file ?? context.notFound();
  });
  app.get("/", (context) => context.redirect("/monitoring", 303));
  for (const [path, render] of Object.entries(PAGES)) app.get(path, (context) => render(visit(context)));
  app.get("/sources/:name", named(sourcePage));
  app.get("/sources/:name/edit", named(editSourcePage));
  return (request, peer) => app.fetch(request, peer);
}

const PAGES: Readonly<Record<string, (visit: Visit) => Response>> = {
  "/login": loginPage,
  "/setup": setupPage,
  "/start": startPage,
  "/zerobus": zerobusPage,
  "/sources": sourcesPage,
  "/sources/new": newSourcePage,
  "/monitoring": monitoringPage,
  "/certificates": certificatesPage,
  "/certificates/servers": serverCertificatesPage,
  "/logs": logsPage,
  "/settings": settingsPage,
  "/settings/history": historyPage,
  "/settings/users": usersPage,
  "/settings/tokens": tokensPage,
  "/settings/audit": auditPage,
  "/settings/account": accountPage,
};
