/** What people do with alerts and dead letters on the page Monitoring, against an API that is played. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { GuiStand, NARROW, openBrowser, openPage } from "./gui_stand.ts";
import { answerAll, letter, statusAt } from "../fakes/gui_fixtures.ts";
import { alert } from "../fakes/gui_monitoring.ts";
import { eventually } from "../wait.ts";

const FIRING = alert();
const WITH_ROW = {
  ...letter(2),
  reason: `The service refuses the row: ${"SCHEMA_VALIDATION_".repeat(20)}`,
  row: { lane: "t#M", columns: { value: "20,5", text: "z".repeat(300), seq: 7 } },
};

async function inPage(test: (desk: { stand: GuiStand; page: Page }) => Promise<void>): Promise<void> {
  await using stand = await GuiStand.open();
  answerAll(stand.gui);
  stand.gui.emit("status", statusAt(0));
  await using browser = await openBrowser();
  await using opened = await openPage(browser, `${stand.origin}/monitoring`);
  opened.page.setDefaultTimeout(10_000);
  await test({ stand, page: opened.page });
  assert.deepEqual(opened.faults, []);
}

Deno.test("an alert is acknowledged and silenced, and the bar counts only what nobody has acknowledged", async () => {
  await inPage(async ({ stand: { gui }, page }) => {
    gui.emit("alerts", { active: [FIRING] });
    await page.getByText("1 alert", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Acknowledge source_down of energy_meters" }).click();
    await eventually("it is asked for", () => gui.sent.length === 1);
    gui.emit("alerts", { active: [{ ...FIRING, state: "acknowledged", acknowledged_by: "anna" }] });
    await page.getByText("Acknowledged by anna").waitFor();
    await page.getByText("1 alert", { exact: true }).waitFor({ state: "detached" });
    const length = page.getByLabel("Silence source_down of energy_meters for");
    // Walking through the choices by keyboard is no answer yet.
    await length.press("ArrowDown");
    await length.selectOption("480");
    await page.getByRole("button", { name: "Silence source_down of energy_meters", exact: true }).click();
    await eventually("it is asked for", () => gui.sent.length === 2);
    assert.deepEqual(gui.sent, [
      ["POST /api/alerts/0123456789abcdef/ack", undefined],
      ["POST /api/alerts/0123456789abcdef/silence", { minutes: 480 }],
    ]);
    gui.emit("alerts", { active: [] });
    await page.locator("#alerts").getByText("None", { exact: true }).waitFor();
  });
});

Deno.test("a dead letter is looked at, edited and sent again, and nothing of it runs out of the dialog", async () => {
  await inPage(async ({ stand: { gui }, page }) => {
    gui.answers.set("GET /api/dlq/2", WITH_ROW);
    gui.answers.set("PUT /api/dlq/2", { rows: 1 });
    await page.getByRole("button", { name: "Letter 2: detail" }).click();
    const dialog = page.locator("dialog[open]");
    await dialog.getByText("20,5").waitFor();
    const cut = () => dialog.evaluate((each) => each.scrollWidth - each.clientWidth);
    assert.equal(await cut(), 0);
    await page.setViewportSize(NARROW);
    assert.equal(await cut(), 0);
    await dialog.getByRole("button", { name: "Edit" }).click();
    assert.equal(await dialog.getByLabel("seq").count(), 0);
    await dialog.getByLabel("value").fill("20.5");
    await dialog.locator("form").getByRole("button").click();
    await page.getByText("Changed letter 2, and sent it as 1 row.").waitFor();
    assert.deepEqual(gui.sent, [["PUT /api/dlq/2", { set: { value: "20.5" } }]]);
  });
});
