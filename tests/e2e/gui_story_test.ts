/**
 * The whole story in a real browser: from an empty installation to rows of three protocols in a workspace, an outage, a
 * dead letter, a change that is taken back, and the log out. Each state is looked at on a wide and on a narrow screen,
 * light and dark; the main buttons are pressed by keyboard, and one visit has nothing else.
 */
import assert from "node:assert/strict";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";
import { makePages, openBrowser } from "./gui_stand.ts";
import { applyForm, type Desk, sitDown } from "./story_desk.ts";
import { setUp, visitByKeyboard } from "./story_keyboard.ts";
import { endOutage, estimate, startOutage } from "./story_outage.ts";
import { startStoryPlant, type StoryPlant } from "./story_plant.ts";
import { addModbus, addMqtt, addOpcua, takeCsv, uploadCertificates } from "./story_sources.ts";

/** Short waits, so that an outage and its end are seen soon. */
const YAML = `version: 1
security: { ca_bundle_path: certs/workspace.pem }
processing: { batch: { max_wait_seconds: 0.1 } }
backpressure: { disk_spool: { max_size_mb: 16 } }
resilience:
  reconnect: { initial_delay_seconds: 0.05, max_delay_seconds: 0.2 }
  circuit_breaker: { failure_threshold: 2, success_threshold: 1, timeout_seconds: 0.5 }
`;

/** Workspace and OAuth: tested, then saved, which starts the connector anew inside its process. */
async function connectWorkspace(desk: Desk, { zerobus }: StoryPlant): Promise<void> {
  const { page, press } = desk;
  await page.getByLabel("Workspace address").fill(zerobus.workspaceHost);
  await page.getByLabel("Zerobus endpoint").fill(zerobus.zerobusEndpoint);
  await page.getByLabel("Client ID").fill(zerobus.clientId);
  await page.getByLabel("Client secret").fill(zerobus.clientSecret);
  await press("Test connection");
  await page.getByText("Rows can be written.").waitFor();
  await desk.look("story_zerobus");
  await press("Test and save");
  await page.getByText("What should be read first?").waitFor();
  await desk.look("story_start");
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
async function rollBack(desk: Desk): Promise<void> {
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
}

async function logOut({ page, press }: Desk, origin: string): Promise<void> {
  await press("Log out");
  await page.waitForURL("**/login");
  await page.goto(`${origin}/sources`);
  await page.waitForURL("**/login?next=%2Fsources");
}

/** Pages that the story has not shown by itself, as they are then. */
const VIEWS = [
  "/sources",
  "/certificates",
  "/certificates/servers",
  "/settings/users",
  "/settings/tokens",
  "/settings/audit",
  "/settings/account",
] as const;

async function lookAround(desk: Desk): Promise<void> {
  for (const path of VIEWS) {
    await desk.open(path);
    await desk.page.waitForFunction(() => !document.querySelector(".state-busy"));
    await desk.look(`story${path.replaceAll("/", "_")}`);
  }
}

Deno.test("The whole story, by the pages alone", async (t) => {
  await makePages();
  await using plant = await startStoryPlant();
  const ports = { gui: freePort(), metrics: freePort() };
  const files = { "certs/workspace.pem": plant.zerobus.caPem };
  await using connector = await Connector.start({ yaml: YAML, ports, files });
  const { message } = await connector.logged(/^setup code: /);
  const [, code = ""] = /^setup code: (\S+) /.exec(message) ?? [];
  const { edge_id } = JSON.parse(Deno.readTextFileSync(`${connector.home}/identity.json`));
  const origin = `http://127.0.0.1:${ports.gui}`;
  await using browser = await openBrowser();
  await using desk = await sitDown(browser, origin);
  let isBroken = false;
  /** A story goes on only where it has come to. */
  const step = async (name: string, tell: () => Promise<void>) => {
    if (isBroken) return;
    isBroken = !await t.step(name, async () => {
      await tell().catch(async (error) => {
        await desk.picture("story_failed");
        console.error(connector.log.filter(({ level }) => level === "error").slice(-3));
        throw error;
      });
      assert.deepEqual(desk.faults, []);
    });
  };
  let fingerprint = "";
  await step("the setup code makes the administrator, by keyboard alone", () => setUp(desk, code));
  await step("the workspace is entered and saved", () => connectWorkspace(desk, plant));
  await step("a certificate and its key are uploaded", async () => {
    fingerprint = await uploadCertificates(desk, edge_id);
  });
  await step("an OPC UA server is trusted, browsed and ticked, and shown that certificate", async () => {
    await addOpcua(desk, plant, fingerprint);
  });
  await step("a Modbus device is added by what its registers say", () => addModbus(desk, plant));
  await step("topics of a broker are heard and added", () => addMqtt(desk, plant));
  await step("rows arrive and the charts move", () => watchRows(desk, plant));
  await step("an outage shows", () => startOutage(desk, plant));
  await step("the log is filtered", () => filterLogs(desk));
  await step("nodes come from a spreadsheet, are tested and saved", () => takeCsv(desk));
  await step("a bad change is rolled back", () => rollBack(desk));
  await step("a visit by keyboard alone", async () => {
    await using keys = await sitDown(browser, `${origin}/login`);
    await visitByKeyboard(keys);
  });
  await step("each other page is looked at", () => lookAround(desk));
  await step("Monitoring says in how long the spool is full", () => estimate(desk));
  await step("the outage ends, and all rows go on", () => endOutage(desk, plant));
  await step("a dead letter is replayed", () => deadLetter(desk, plant));
  await step("a setting is changed", () => changeSetting(desk));
  await step("the log out ends it", () => logOut(desk, origin));
});
