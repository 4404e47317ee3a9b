/** Every page as people see it: nothing for axe to complain of, nothing beside the window, nothing in the console. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { axeFaults, GuiStand, NARROW, openBrowser, openPage, overflow, WIDE } from "./gui_stand.ts";
import { eventually } from "../wait.ts";
import { ready as islandsReady } from "./story_desk.ts";
import { answerAll, statusAt } from "../fakes/gui_fixtures.ts";

/** Where docs/gui.md has its pictures from: `GUI_PICTURES=docs/pictures deno test -A tests/e2e/gui_look_test.ts`. */
const PICTURES = Deno.env.get("GUI_PICTURES");

interface Sight {
  readonly name: string;
  readonly path: string;
  /** Waits until everything is there. */
  readonly ready: (page: Page) => Promise<unknown>;
  /** Who looks: nobody before the login. */
  readonly isGate?: boolean;
}

const SIGHTS: readonly Sight[] = [
  { name: "login", path: "/login", isGate: true, ready: (page) => page.waitForSelector("[data-ready] form") },
  { name: "setup", path: "/setup", isGate: true, ready: (page) => page.waitForSelector("[data-ready] form") },
  {
    name: "monitoring",
    path: "/monitoring",
    async ready(page) {
      await page.waitForSelector("#letters-title");
      await page.waitForSelector(".uplot canvas");
      await page.waitForSelector("#ledger-title");
    },
  },
  {
    name: "dead_letter",
    path: "/monitoring",
    async ready(page) {
      await page.getByRole("button", { name: "Letter 2: detail" }).click();
      await page.waitForSelector("dialog[open] dl");
    },
  },
  { name: "logs", path: "/logs", ready: (page) => page.waitForSelector(".log") },
  { name: "sources", path: "/sources", ready: (page) => page.waitForSelector("tbody tr") },
  {
    name: "test",
    path: "/sources/press_4",
    async ready(page) {
      await page.getByRole("button", { name: "Test connection" }).click();
      await page.waitForSelector("tbody tr");
    },
  },
  {
    name: "browse",
    path: "/sources/press_4",
    async ready(page) {
      await page.getByRole("button", { name: "Browse" }).click();
      await page.waitForSelector(".tree-row");
    },
  },
  {
    name: "faults",
    path: "/sources/new",
    async ready(page) {
      await page.getByLabel("Name *").fill("x y");
      await page.getByRole("button", { name: "Review the change" }).click();
      await page.waitForSelector('[aria-invalid="true"]');
    },
  },
  {
    name: "change",
    path: "/sources/press_4/edit",
    async ready(page) {
      await page.getByLabel("Endpoint *").fill("opc.tcp://192.168.1.101:4840");
      await page.getByRole("button", { name: "Review the change" }).click();
      await page.waitForSelector("dialog[open]");
    },
  },
  { name: "certificates", path: "/certificates", ready: (page) => page.waitForSelector("article") },
  {
    name: "upload",
    path: "/certificates",
    async ready(page) {
      await page.getByRole("button", { name: "Upload a certificate or key" }).click();
      const file = { name: "line4.p12", mimeType: "application/x-pkcs12", buffer: Buffer.from("a file") };
      await page.getByLabel("File", { exact: true }).setInputFiles(file);
      await page.getByText("A certificate with 1 above it, and a private key").waitFor();
    },
  },
  {
    name: "trust",
    path: "/certificates/servers",
    async ready(page) {
      await page.getByRole("button", { name: /^Trust S7-1500/ }).click();
      await page.waitForSelector("dialog[open]");
    },
  },
  {
    name: "servers",
    path: "/certificates/servers",
    ready: (page) => page.waitForSelector("#lists-title ~ *, article"),
  },
  {
    name: "tree",
    path: "/sources/press_4/edit",
    async ready(page) {
      await page.getByRole("button", { name: "Browse the server" }).click();
      await page.getByRole("button", { name: "Open Press hall" }).click();
      await page.getByRole("checkbox", { name: "Read Temperature 3", exact: true }).check();
      await page.getByRole("button", { name: "Open Temperature 3", exact: true }).scrollIntoViewIfNeeded();
    },
  },
  { name: "zerobus", path: "/zerobus", ready: (page) => page.waitForSelector("form input") },
  {
    name: "connection_test",
    path: "/zerobus",
    async ready(page) {
      await page.getByRole("button", { name: "Test connection" }).click();
      await page.getByText("Rows cannot be written yet").waitFor();
      await page.getByRole("heading", { name: "Test of the connection" }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "settings",
    path: "/settings",
    async ready(page) {
      await page.getByText("Back-pressure (default)").click();
      await page.waitForSelector("details[open] input");
    },
  },
];

const ADMINISTRATION: readonly Sight[] = [
  { name: "users", path: "/settings/users", ready: (page) => page.waitForSelector("tbody tr") },
  {
    name: "new_token",
    path: "/settings/tokens",
    async ready(page) {
      await page.getByRole("button", { name: "Make a token" }).click();
      await page.waitForSelector("dialog[open]");
    },
  },
  {
    name: "audit",
    path: "/settings/audit",
    async ready(page) {
      await page.getByRole("button", { name: "Verify the chain" }).click();
      await page.getByText("All 4 lines").waitFor();
      await page.waitForSelector("tbody tr");
    },
  },
  {
    name: "rollback",
    path: "/settings/history",
    async ready(page) {
      await page.getByRole("button", { name: /^Roll back/ }).click();
      await page.waitForSelector("dialog[open] pre");
    },
  },
];

const LOOKS = [
  { look: "wide_light", viewport: WIDE, colorScheme: "light" },
  { look: "narrow_dark", viewport: NARROW, colorScheme: "dark" },
] as const;

for (const { look, ...options } of LOOKS) {
  Deno.test(`every page is whole and accessible: ${look.replace("_", ", ")}`, async (t) => {
    await using stand = await GuiStand.open();
    answerAll(stand.gui);
    for (const second of [0, 1, 2]) stand.gui.emit("status", statusAt(second));
    await using browser = await openBrowser();
    for (const { name, path, ready, isGate = false } of [...SIGHTS, ...ADMINISTRATION]) {
      await t.step(name, async () => {
        stand.show({ isGate, isSetUp: name !== "setup" });
        await using opened = await openPage(browser, stand.origin + path, options);
        await islandsReady(opened.page);
        await ready(opened.page);
        assert.deepEqual(await axeFaults(opened.page), []);
        assert.equal(await overflow(opened.page), 0, "the page is wider than its window");
        assert.deepEqual(opened.faults, []);
        if (PICTURES) await opened.page.screenshot({ path: `${PICTURES}/gui_${name}_${look}.png` });
      });
    }
  });
}

Deno.test("the colours that were chosen hold against those of the system, with nothing for axe to complain of", async () => {
  await using stand = await GuiStand.open();
  answerAll(stand.gui);
  stand.gui.emit("status", statusAt(0));
  await using browser = await openBrowser();
  await using opened = await openPage(browser, `${stand.origin}/monitoring`, { colorScheme: "dark" });
  const { page } = opened;
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.waitForSelector("#letters-title");
  const dark = await ground();
  const drawn = () => page.locator(".uplot canvas").first().evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  await page.waitForSelector(".uplot canvas");
  const darkChart = await drawn();
  await page.emulateMedia({ colorScheme: "light" });
  await eventually("the chart is drawn anew", async () => await drawn() !== darkChart);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("button", { name: /^Look: system/ }).click();
  const light = await ground();
  assert.notEqual(light, dark);
  assert.deepEqual(await axeFaults(page), []);
  await page.reload();
  await page.waitForSelector("#letters-title");
  assert.equal(await ground(), light);
});

Deno.test("the first page comes under 100 KB compressed, with its script", async () => {
  await using stand = await GuiStand.open();
  answerAll(stand.gui);
  stand.gui.emit("status", statusAt(0));
  await using browser = await openBrowser();
  await using opened = await openPage(browser, "about:blank");
  const { page } = opened;
  let bytes = 0;
  page.on("response", async (response) => {
    if (response.url().includes("/api/")) return;
    bytes += Number(response.headers()["content-length"] ?? 0) || (await response.body()).length;
  });
  await page.goto(`${stand.origin}/monitoring`);
  await page.waitForSelector(".uplot canvas");
  assert.ok(bytes > 20_000 && bytes < 100_000, `${bytes} bytes`);
});

Deno.test("all tabs stand in one line with alerts beside them on a window of 1280 pixels", async () => {
  await using stand = await GuiStand.open();
  answerAll(stand.gui);
  stand.show({ isGate: false });
  stand.gui.emit("status", statusAt(0));
  await using browser = await openBrowser();
  await using opened = await openPage(browser, `${stand.origin}/monitoring`, { viewport: WIDE });
  const { page } = opened;
  await page.locator(".bar").getByText(/alerts?$/).waitFor();
  const top = async (selector: string) => (await page.locator(selector).boundingBox())?.y ?? NaN;
  const [tabs, end] = [await top(".tabs a >> nth=-1"), await top(".bar-end")];
  assert.ok(Math.abs(tabs - end) < 30, `the tabs stand at ${tabs}, the rest of the bar at ${end}`);
  assert.ok((await page.locator(".bar").boundingBox())!.height < 56);
  assert.equal(await page.getByRole("button", { name: "Menu" }).isVisible(), false);
});

Deno.test("the bar of a narrow screen is one line, and its menu is opened, walked and closed by keyboard", async () => {
  await using stand = await GuiStand.open();
  answerAll(stand.gui);
  stand.show({ isGate: false });
  stand.gui.emit("status", statusAt(0));
  await using browser = await openBrowser();
  await using opened = await openPage(browser, `${stand.origin}/monitoring`, { viewport: NARROW });
  const { page } = opened;
  await page.locator(".bar").getByText(/alerts?$/).waitFor();
  assert.ok((await page.locator(".bar").boundingBox())!.height < 56);
  const menu = page.getByRole("button", { name: "Menu" });
  assert.equal(await page.getByRole("link", { name: "Sources" }).isVisible(), false);
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Monitoring", exact: true }).waitFor();
  assert.deepEqual(await axeFaults(page), []);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Sources");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Sources" }).waitFor({ state: "hidden" });
  assert.ok(await menu.evaluate((button) => button === document.activeElement), "the focus is not back at the button");
  if (PICTURES) {
    await menu.click();
    await page.screenshot({ path: `${PICTURES}/gui_menu_narrow_light.png` });
  }
});

Deno.test("the panel of an outage says when the spool is full, and when it is empty once the tables are back", async () => {
  await using stand = await GuiStand.open();
  answerAll(stand.gui);
  stand.show({ isGate: false });
  const away = statusAt(0);
  stand.gui.emit("status", away);
  await using browser = await openBrowser();
  await using opened = await openPage(browser, `${stand.origin}/monitoring`, { viewport: NARROW });
  const { page } = opened;
  await page.getByRole("region", { name: "Rows wait" }).getByText(/ of 1 GB, full in about 2\.5 h$/).waitFor();
  const sinks = Object.fromEntries(
    Object.entries(away.sinks).map(([lane, table]) => [lane, { ...table, breaker: "closed" }]),
  );
  const spool = {
    rows: 4900,
    bytes: 18_400_000,
    max_bytes: 1_048_576_000,
    full_in_seconds: null,
    empty_in_seconds: 600,
  };
  stand.gui.emit("status", { ...statusAt(1), sinks, spool });
  const sending = page.getByRole("region", { name: "Rows that waited are being sent" });
  await sending.getByText(/^About 4,900 rows, 18 MB: .* of 1 GB, empty in about 10 min$/).waitFor();
  stand.gui.emit("status", { ...statusAt(2), sinks, spool: { ...spool, rows: 0, bytes: 0, empty_in_seconds: null } });
  await sending.waitFor({ state: "detached" });
});

Deno.test("the list of alerts shows those that were told before it was there", async () => {
  await using stand = await GuiStand.open();
  answerAll(stand.gui);
  stand.show({ isGate: false });
  await using browser = await openBrowser();
  await using opened = await openPage(browser, `${stand.origin}/monitoring`, { viewport: WIDE });
  const { page } = opened;
  await page.locator(".bar").getByText(/alerts?$/).waitFor();
  stand.gui.emit("status", statusAt(0));
  await page.getByRole("button", { name: /Acknowledge/ }).first().waitFor({ timeout: 10_000 });
});
