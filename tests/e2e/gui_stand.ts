/** Pages with a played API behind them, and a browser in front. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import Axe from "axe-core";
import { Hono } from "hono";
import { pages } from "../../routes/mod.ts";
import type { Caller } from "../../src/service/access.ts";
import { LOCAL_PEER } from "../../src/web/mod.ts";
import { readAssets } from "../../src/web/pages/mod.ts";
import { bundlePages } from "../../tools/bundle_pages.ts";
import { type FakeGui, fakeGui } from "../fakes/gui_api.ts";

/** Debian's, installed by tests/peers/provision.ts. */
const CHROMIUM = "/usr/bin/chromium";
export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 390, height: 844 };

let made: Promise<unknown> | undefined;

/** Makes the scripts and styles, once per run. */
export async function makePages(): Promise<void> {
  made ??= bundlePages();
  await made;
}

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** The pages on a port of their own. */
export class GuiStand implements AsyncDisposable {
  readonly gui: FakeGui;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #close: () => void;

  static async open(): Promise<GuiStand> {
    await makePages();
    return new GuiStand();
  }

  private constructor() {
    const { gui, api, close } = fakeGui();
    this.gui = gui;
    this.#close = close;
    const app = new Hono();
    app.route("/", api);
    const assets = readAssets();
    if (!assets) throw new Error("the pages were not made");
    const view = { viewerOf: () => callerOf(gui), isSetUp: () => gui.isSetUp, isReadOnly: () => gui.isReadOnly };
    const fetch = pages({ assets, instanceId: "press-hall", ...view });
    app.all("*", ({ req }) => fetch(req.raw, LOCAL_PEER));
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
    this.#close = close;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Who looks: nobody before the login, else an administrator. */
  show({ isGate, isSetUp = true }: { isGate: boolean; isSetUp?: boolean }): void {
    this.gui.viewer = isGate ? undefined : { name: "anna", role: "administrator", csrf: "token" };
    this.gui.isSetUp = isSetUp;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.#server.shutdown();
  }
}

function callerOf({ viewer }: FakeGui): Caller | undefined {
  if (!viewer) return undefined;
  const { name, role, csrf } = viewer;
  return { who: name, user: name, role, from: LOCAL_PEER.address, session: { id: "1", name, role, csrf } };
}

/** A page of a fresh browser profile. It remembers what the page's script complained of. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; faults: string[]; [Symbol.asyncDispose](): Promise<void> }> {
  const context = await browser.newContext({ viewport: WIDE, locale: "en-GB", timezoneId: "UTC", ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      faults.push(message.text());
    }
  });
  await page.goto(address);
  return { page, faults, [Symbol.asyncDispose]: () => context.close() };
}

const ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** What hangs on colours alone. */
export const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** What axe finds wrong with a page (WCAG 2.2 AA), a line each; by some rules or groups of rules, where they are given. */
export async function axeFaults(page: Page, rules: readonly string[] = ALL_RULES): Promise<string[]> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(Axe.source);
  const violations = await page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as { axe: typeof Axe }; // it was put into the page just above
    const { violations } = await axe.run(document, { runOnly });
    return violations;
  }, [...rules]);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`)
  );
}

/** Whether a page is wider than its window, which it must not be. */
export async function overflow(page: Page): Promise<number> {
  return await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
