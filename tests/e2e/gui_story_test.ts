/**
 * The whole story in a real browser: from an empty installation to rows of three protocols in a workspace, an outage, a
 * dead letter, a change that is taken back, and the log out. Then each page again on a narrow, dark screen, and the main
 * steps by keyboard alone.
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { TestAuthority } from "../peers/certificates.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";
import { makePages, NARROW, openBrowser, WIDE } from "./gui_stand.ts";
import { PASSWORD } from "./running_api.ts";
import { applyForm, type Desk, ready, setUp, sitDown, upload } from "./story_desk.ts";
import { startStoryPlant, type StoryPlant } from "./story_plant.ts";

/** Short waits, so that an outage and its end are seen soon. */
const YAML = `version: 1
security: { ca_bundle_path: certs/workspace.pem }
processing: { batch: { max_wait_seconds: 0.1 } }
resilience:
  reconnect: { initial_delay_seconds: 0.05, max_delay_seconds: 0.2 }
  circuit_breaker: { failure_threshold: 2, success_threshold: 1, timeout_seconds: 0.5 }
`;

/** Workspace and OAuth: tested, then saved, which starts the connector anew inside its process. */
async function connectWorkspace(desk: Desk, { zerobus }: StoryPlant): Promise<void> {
  const { page, button } = desk;
  await page.getByLabel("Workspace address").fill(zerobus.workspaceHost);
  await page.getByLabel("Zerobus endpoint").fill(zerobus.zerobusEndpoint);
  await page.getByLabel("Client ID").fill(zerobus.clientId);
  await page.getByLabel("Client secret").fill(zerobus.clientSecret);
  await button("Test connection").click();
  await page.getByText("Rows can be written.").waitFor();
  await desk.look("story_zerobus");
  await button("Test and save").click();
  await page.getByText("What should be read first?").waitFor();
  await desk.look("story_start");
}

/** A certificate of our own with its key, as a plant's authority gives them. */
async function uploadCertificates(desk: Desk): Promise<void> {
  const authority = await TestAuthority.create("Plant authority", "rsa");
  const { certificate, privateKey } = await authority.issue({ commonName: "connector", usage: "client" });
  await upload(desk, "connector.pem", certificate);
  await upload(desk, "connector.key", privateKey);
  await desk.page.getByText("CN=connector").first().waitFor();
  await desk.look("story_certificates");
}

/** A server that nobody trusts yet: compared, trusted, browsed and ticked. */
async function addOpcua(desk: Desk, plant: StoryPlant): Promise<void> {
  const { page, button } = desk;
  await desk.open("/sources/new");
  await page.getByLabel("Protocol").selectOption("opcua");
  await page.getByLabel("Name *").fill("press_line");
  await page.getByLabel("Endpoint *").fill(plant.opcua);
  await button("Browse the server").click();
  await page.getByText("opcua_untrusted_server").waitFor();
  await desk.look("story_untrusted");
  const [trusting] = await Promise.all([page.waitForEvent("popup"), page.getByText("Compare the certificate").click()]);
  await trusting.getByRole("button", { name: "Trust asyncua" }).click();
  await trusting.getByRole("dialog").getByRole("button", { name: "They are the same: trust it" }).click();
  await trusting.locator("article", { hasText: "Trusted" }).getByText("asyncua", { exact: true }).waitFor();
  await trusting.close();
  await button("Look again").click();
  await button("Open Plant").click();
  await page.getByRole("checkbox", { name: "Read Counter" }).check();
  await page.getByRole("checkbox", { name: "Read Double" }).focus();
  await page.keyboard.press("Space");
  await page.getByText("The form lists 2 entries.").waitFor();
  await desk.look("story_browse");
  await applyForm(desk, /name: Counter/, () => page.waitForURL("**/sources/press_line"));
  await page.getByText("Connected", { exact: true }).waitFor();
}

/** A device whose registers are named by hand, and what it says now. */
async function addModbus(desk: Desk, { device }: StoryPlant): Promise<void> {
  const { page, button } = desk;
  await desk.open("/sources/new");
  await page.getByLabel("Protocol").selectOption("modbus");
  await page.getByLabel("Name *").fill("oven");
  await page.getByLabel("Endpoint *").fill(`modbus+tcp://127.0.0.1:${device.port}`);
  await page.locator("details", { hasText: "Registers" }).getByRole("button", { name: "Add an entry" }).last().click();
  const entry = page.locator("fieldset", { hasText: "Entry 1" }).last();
  await entry.getByLabel("Name *").fill("pieces");
  await entry.getByLabel("Address *").fill("0");
  await entry.getByLabel("Data type").selectOption("uint32");
  await applyForm(desk, /name: pieces/, () => page.waitForURL("**/sources/oven"));
  await page.getByText("Connected", { exact: true }).waitFor();
  await button("Test connection").click();
  await page.locator("tbody tr", { hasText: "pieces" }).first().waitFor();
  await desk.look("story_test");
}

/** Topics of a broker, by keyboard where that is quicker. */
async function addMqtt(desk: Desk, { broker }: StoryPlant): Promise<void> {
  const { page, button } = desk;
  await desk.open("/sources/new");
  await page.getByLabel("Protocol").selectOption("mqtt");
  await page.getByLabel("Name *").fill("hall");
  await page.keyboard.press("Tab");
  await page.getByLabel("Endpoint *").fill(`mqtt://127.0.0.1:${broker.port}`);
  await button("Add an entry").last().click();
  await button("Review the change").focus();
  await page.keyboard.press("Enter");
  await page.getByText("This must be filled in").first().waitFor();
  await desk.look("story_fault");
  await page.getByLabel("Topic *").fill("hall/#");
  await applyForm(desk, /hall\/#/, () => page.waitForURL("**/sources/hall"));
  await page.getByText("Connected", { exact: true }).waitFor();
}

/** Rows of all three arrive, and Monitoring moves. */
async function watchRows(desk: Desk, plant: StoryPlant): Promise<void> {
  const { page } = desk;
  for (let value = 0; value < 20; value++) await plant.publisher.publish("hall/temperature", String(value));
  for (const table of ["opcua", "mqtt", "modbus"] as const) {
    await eventually(`rows of ${table}`, () => plant.rows(table) > 0, 20_000);
  }
  await desk.open("/monitoring");
  await page.waitForSelector(".uplot canvas");
  for (const source of ["press_line", "oven", "hall"]) {
    await page.locator(".card", { hasText: source }).first().waitFor();
  }
  await page.locator(".card", { hasText: "oven" }).getByText(/[1-9][\d.]*\/s/).waitFor();
  const drawn = () => page.locator(".uplot canvas").first().evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const before = await drawn();
  await eventually("the chart moves", async () => await drawn() !== before);
  await page.getByText("Balanced").waitFor();
  await desk.look("story_rows");
}

async function filterLogs(desk: Desk): Promise<void> {
  const { page, button } = desk;
  await desk.open("/logs");
  await page.getByLabel("Source").fill("press_line");
  await eventually("only its lines are there", async () => {
    const lines = await page.locator(".log").allInnerTexts();
    return lines.length > 0 && lines.every((line) => line.includes("press_line"));
  });
  await button("Pause").click();
  await desk.look("story_logs");
}

/** The workspace goes away, and comes back. */
async function outage(desk: Desk, plant: StoryPlant): Promise<void> {
  const { page } = desk;
  await desk.open("/monitoring");
  await plant.zerobus.stop();
  await page.locator(".card", { hasText: "modbus_bronze" }).getByText("Paused: breaker open").waitFor();
  await desk.look("story_outage");
  await plant.zerobus.start();
  const before = plant.rows("modbus");
  await eventually("rows go on", () => plant.rows("modbus") > before, 20_000);
  await page.getByText("Paused: breaker open").first().waitFor({ state: "detached" });
}

/** The workspace refuses a row; once it takes it, the letter is replayed. */
async function deadLetter(desk: Desk, { zerobus, publisher }: StoryPlant): Promise<void> {
  const { page, button } = desk;
  const isIt = (row: unknown) => JSON.stringify(row).includes("hall/refused");
  zerobus.poison((_table, row) => isIt(row) ? "it does not fit" : undefined);
  await publisher.publish("hall/refused", "77");
  await eventually("it is a letter", async () => {
    await desk.open("/monitoring");
    return await button(/^Letter 1: detail/).count() > 0;
  });
  await button(/^Letter 1: detail/).click();
  await page.getByRole("dialog").getByText("hall/refused").first().waitFor();
  await desk.look("story_letter");
  zerobus.poison(undefined);
  await page.getByRole("dialog").getByRole("button", { name: "Replay" }).click();
  await page.getByRole("dialog", { name: "Replay dead letters" }).getByRole("button", { name: "Replay" }).click();
  await page.getByText(/Replayed 1 letter/).waitFor();
  await eventually("the row arrived", () => zerobus.rows("iot_data.bronze.mqtt_bronze").some(isIt), 20_000);
}

/** A setting is changed, which starts the connector anew inside its process; the session outlives that. */
async function changeSetting(desk: Desk): Promise<void> {
  const { page } = desk;
  await desk.open("/settings");
  await page.getByLabel("Find a setting").fill("session");
  await page.getByLabel("Session (h)").fill("3");
  await applyForm(desk, /session_hours: 3/, () => page.getByRole("dialog").waitFor({ state: "detached" }));
  await desk.look("story_settings");
}

/** A change that does not start is taken back by itself; kept all the same, the history takes it back. */
async function rollBack(desk: Desk, plant: StoryPlant): Promise<void> {
  const { page, button } = desk;
  await desk.open("/sources/press_line/edit");
  await page.getByLabel("Username").fill("operator");
  await page.getByLabel("Password", { exact: true }).fill("not the one");
  await button("Review the change").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await dialog.getByText("Everything is as it was.").waitFor();
  await desk.look("story_taken_back");
  await dialog.getByRole("button", { name: "Apply although it does not start" }).click();
  await page.waitForURL("**/sources/press_line");
  await desk.open("/settings/history");
  await button(/^Roll back: /).first().click();
  await dialog.getByText("username: operator").waitFor();
  await desk.look("story_rollback");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await page.getByText("The configuration is as it was before").waitFor();
  await desk.look("story_history");
  const before = plant.rows("opcua");
  await eventually("the server is read again", () => plant.rows("opcua") > before, 20_000);
}

async function logOut({ page, button }: Desk, origin: string): Promise<void> {
  await button("Log out").click();
  await page.waitForURL("**/login");
  await page.goto(`${origin}/sources`);
  await page.waitForURL("**/login?next=%2Fsources");
}

/** The pages that the story has come by, as they are then. */
const VIEWS = [
  "/zerobus",
  "/sources",
  "/sources/press_line",
  "/sources/press_line/edit",
  "/monitoring",
  "/certificates",
  "/certificates/servers",
  "/logs",
  "/settings",
  "/settings/history",
  "/settings/users",
  "/settings/audit",
  "/settings/account",
] as const;

/** Each page on a narrow, dark screen, by the session of the wide one. */
async function lookAgain(desk: Desk): Promise<void> {
  for (const path of VIEWS) {
    await desk.open(path);
    await desk.page.waitForFunction(() => !document.querySelector(".state-busy"));
    await desk.look(`story${path.replaceAll("/", "_")}`);
  }
  assert.deepEqual(desk.faults, []);
}

/** Logs in, stops and starts a source, and looks at a dead letter's place, without touching the mouse. */
async function byKeyboard(desk: Desk): Promise<void> {
  const { page } = desk;
  const { keyboard } = page;
  await page.waitForSelector("[data-ready] form");
  await tabTo(page, "User name");
  await keyboard.type("anna");
  await keyboard.press("Tab");
  await keyboard.type(PASSWORD);
  await keyboard.press("Enter");
  await page.waitForURL("**/monitoring");
  await ready(page);
  await tabTo(page, "Sources");
  await keyboard.press("Enter");
  await page.waitForURL("**/sources");
  await ready(page);
  for (const verb of ["Stop", "Start"]) {
    await page.getByRole("button", { name: `${verb} oven` }).waitFor();
    await tabTo(page, `${verb} oven`);
    await keyboard.press("Enter");
  }
  await page.getByRole("button", { name: "Stop oven" }).waitFor();
  await tabTo(page, "oven");
  await keyboard.press("Enter");
  await page.waitForURL("**/sources/oven");
  await ready(page);
  await tabTo(page, "Test connection");
  await keyboard.press("Enter");
  await page.locator("tbody tr", { hasText: "pieces" }).first().waitFor();
  await tabTo(page, "Log out");
  await keyboard.press("Enter");
  await page.waitForURL("**/login");
  assert.deepEqual(desk.faults, []);
}

/** Presses Tab until the focus is on what is called so, and can be seen there. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 150; presses++) {
    const { text, isSeen } = await page.evaluate(() => {
      const focused = document.activeElement as HTMLElement | null; // whatever has the focus in a page of HTML
      const label = focused && "labels" in focused ? (focused as HTMLInputElement).labels?.[0]?.innerText : undefined;
      const text = focused?.getAttribute("aria-label") ?? label ?? focused?.innerText ?? "";
      const { outlineStyle, boxShadow } = focused
        ? getComputedStyle(focused)
        : { outlineStyle: "none", boxShadow: "none" };
      return { text: text.trim(), isSeen: outlineStyle !== "none" || boxShadow !== "none" };
    });
    if (text === name) return assert.ok(isSeen, `the focus on ${name} cannot be seen`);
    await page.keyboard.press("Tab");
  }
  assert.fail(`no Tab leads to ${name}`);
}

Deno.test("The whole story, by the pages alone", async (t) => {
  await makePages();
  await using plant = await startStoryPlant();
  const ports = { gui: freePort(), metrics: freePort() };
  const files = { "certs/workspace.pem": plant.zerobus.caPem };
  await using connector = await Connector.start({ yaml: YAML, ports, files });
  const { message } = await connector.logged(/^setup code: /);
  const [, code = ""] = /^setup code: (\S+) /.exec(message) ?? [];
  const origin = `http://127.0.0.1:${ports.gui}`;
  await using browser = await openBrowser();
  await using desk = await sitDown(browser, origin, { look: "wide_light", viewport: WIDE, colorScheme: "light" });
  let isBroken = false;
  /** A story goes on only where it has come to. */
  const step = async (name: string, tell: () => Promise<void>) => {
    if (isBroken) return;
    isBroken = !await t.step(name, async () => {
      await tell().catch(async (error) => {
        await desk.picture("story_failed");
        throw error;
      });
      assert.deepEqual(desk.faults, []);
    });
  };
  await step("the setup code makes the administrator", () => setUp(desk, code));
  await step("the workspace is entered and saved", () => connectWorkspace(desk, plant));
  await step("certificates are uploaded", () => uploadCertificates(desk));
  await step("an OPC UA server is trusted, browsed and ticked", () => addOpcua(desk, plant));
  await step("a Modbus device is added and tested", () => addModbus(desk, plant));
  await step("topics of a broker are added", () => addMqtt(desk, plant));
  await step("rows arrive and the charts move", () => watchRows(desk, plant));
  await step("the log is filtered", () => filterLogs(desk));
  await step("an outage shows, and its end", () => outage(desk, plant));
  await step("a dead letter is replayed", () => deadLetter(desk, plant));
  await step("a setting is changed", () => changeSetting(desk));
  await step("a bad change is rolled back", () => rollBack(desk, plant));
  await step("each page once more, narrow and dark", async () => {
    const storageState = await desk.page.context().storageState();
    const options = { look: "narrow_dark", viewport: NARROW, colorScheme: "dark", storageState } as const;
    await using narrow = await sitDown(browser, origin, options);
    await lookAgain(narrow);
  });
  await step("the log out ends it", () => logOut(desk, origin));
  await step("the main steps by keyboard alone", async () => {
    await using keys = await sitDown(browser, `${origin}/login`, { look: "keyboard" });
    await byKeyboard(keys);
  });
});
