/** The first steps: somebody who never saw Databricks is led to a workspace, and on to the first source. */
import assert from "node:assert/strict";
import { answerAll } from "../fakes/gui_fixtures.ts";
import { axeFaults, GuiStand, NARROW, openBrowser, openPage, overflow } from "./gui_stand.ts";

const PICTURES = Deno.env.get("GUI_PICTURES");
const EMPTY = { config: {}, origins: {}, hidden: [], file: "config/connector.yaml", read_only: false, live: [] };
const CONNECTED = { ...EMPTY, config: { zerobus: { enabled: true }, sources: [] } };

Deno.test("an empty installation is led to a workspace, with what to ask for, and then to its first source", async () => {
  await using stand = await GuiStand.open();
  const { gui } = stand;
  answerAll(gui);
  stand.show({ isGate: false });
  gui.answers.set("GET /api/config", EMPTY);
  gui.answers.set("POST /api/zerobus/script", { sql: "CREATE SCHEMA IF NOT EXISTS main.plant;" });
  gui.answers.set("PUT /api/config", () => {
    gui.answers.set("GET /api/config", CONNECTED);
    return { state: "applied" };
  });
  await using browser = await openBrowser();
  await using opened = await openPage(browser, `${stand.origin}/zerobus`);
  const { page, faults } = opened;
  await page.getByRole("link", { name: "First steps" }).click();

  await page.getByLabel("Workspace address").fill("https://dbc-1.cloud.databricks.com");
  await page.getByLabel("Zerobus endpoint").fill("https://dbc-1.cloud.databricks.com");
  await page.getByText("This is the address of a workspace.").waitFor();
  await page.getByText("CREATE SCHEMA IF NOT EXISTS main.plant;").waitFor();
  await page.getByLabel("Client ID").fill("app-1");
  await page.reload();
  await page.waitForSelector("[data-ready] form");
  assert.equal(await page.getByLabel("Client ID").inputValue(), "app-1", "progress is kept");
  await page.getByRole("button", { name: "Test and save" }).click();
  await page.getByText("One value is missing.").waitFor();
  assert.deepEqual(await axeFaults(page), []);
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/gui_start_wide_light.png` });
  await page.setViewportSize(NARROW);
  assert.equal(await overflow(page), 0);

  await page.getByLabel("Zerobus endpoint").fill("1234567890.zerobus.eu-west-1.cloud.databricks.com");
  await page.getByLabel("Client secret").fill("s3");
  await page.getByRole("button", { name: "Test connection" }).click();
  await page.getByText("Rows cannot be written yet").waitFor();
  assert.equal(await page.getByText("Dry run to").isVisible(), false);
  await page.getByText("1 further step was not tried").click();
  await page.getByText("Dry run to").first().waitFor();
  await page.getByLabel("Client secret").fill("s4");
  assert.equal(
    await page.getByRole("button", { name: "Save although it failed" }).count(),
    0,
    "this was not tested yet",
  );
  await page.getByRole("button", { name: "Test and save" }).click();
  await page.getByText("nothing was saved").waitFor();
  assert.deepEqual(gui.sent.filter(([key]) => key === "PUT /api/config"), []);
  assert.deepEqual(await axeFaults(page), []);
  const tested = gui.sent.findLast(([key]) => key === "POST /api/zerobus/test")?.[1] as { draft: { zerobus: object } };
  await page.getByRole("button", { name: "Save although it failed" }).click();
  await page.getByRole("link", { name: "Add the first source" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "2 Where rows go" }).getAttribute("href"), "/zerobus");
  assert.deepEqual(await axeFaults(page), []);
  const saved = gui.sent.find(([key]) => key === "PUT /api/config")?.[1];
  assert.deepEqual(saved, tested.draft, "what was tested is what is saved");

  gui.answers.set("GET /api/config", { ...CONNECTED, config: { ...CONNECTED.config, sources: [{ name: "a" }] } });
  await page.reload();
  await page.waitForURL("**/monitoring");
  assert.deepEqual(faults, []);
});
