/** The spool and dead letters on Monitoring: what is looked after there, and how what takes long is told and stopped. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { answerAll, LETTERS, statusAt } from "../fakes/gui_fixtures.ts";
import type { FakeGui } from "../fakes/gui_api.ts";
import { told } from "../fakes/gui_spool.ts";
import { eventually } from "../wait.ts";
import { axeFaults, GuiStand, NARROW, openBrowser, openPage, overflow } from "./gui_stand.ts";

const PASSPHRASE = "über the fence";
const END = { kind: "end", error: null };

Deno.test("the spool and dead letters are looked after on Monitoring", async (t) => {
  await using browser = await openBrowser();
  await using stand = await GuiStand.open();
  answerAll(stand.gui);
  stand.gui.emit("status", statusAt(0));
  await using opened = await openPage(browser, `${stand.origin}/monitoring`);
  const { page } = opened;
  page.setDefaultTimeout(10_000);
  const step = (name: string, test: (gui: FakeGui, page: Page) => Promise<void>) =>
    t.step(name, async () => {
      stand.gui.sent.length = 0;
      await test(stand.gui, page);
      assert.equal(await page.locator("dialog").count(), 0);
      assert.deepEqual(opened.faults, []);
    });
  const panel = page.locator("#spool");
  const dialog = page.locator("dialog[open]");

  await step("what the spool holds is told, and numbers that will not arrive", async (_, page) => {
    await panel.getByText("18.4 MB of 1 GB (1.8 %)").waitFor();
    await panel.getByText("52 GB").waitFor();
    await panel.getByText("1,500 numbers (seq) that will not arrive, or late").click();
    await panel.getByText("Dropped, since the spool was full").waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await page.setViewportSize(NARROW);
    assert.equal(await overflow(page), 0);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  await step("verifying tells what is damaged", async (gui) => {
    const fault = { kind: "fault", name: "chunk of t, rows 4 to 9", rows: 6, reason: "it does not open" };
    gui.answers.set("POST /api/spool/verify", told([fault, { ...END, rows: 12, chunks: 2, letters: 1, faults: 1 }]));
    await panel.getByRole("button", { name: "Verify" }).click();
    await dialog.getByText("One thing cannot be read.").waitFor();
    await dialog.getByText("chunk of t, rows 4 to 9 (6 rows to be sent): it does not open").waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await page.keyboard.press("Escape");
  });

  await step("what is under way is told and stopped", async (gui) => {
    let isLeft = false;
    const lines = [{ kind: "progress", done: 450, of: 1000 }];
    gui.answers.set("POST /api/spool/verify", told(lines, () => isLeft = true));
    await panel.getByRole("button", { name: "Verify" }).click();
    await dialog.getByText("45 %").waitFor();
    assert.deepEqual(await axeFaults(page), []);
    await dialog.getByRole("button", { name: "Stop" }).click();
    await eventually("its client has left", () => isLeft);
  });

  await step("rows are carried out under a passphrase that was typed twice", async (gui) => {
    const file = "spool_20260201T120000Z.rows";
    gui.answers.set("POST /api/spool/export", told([{ ...END, file, rows: 5300, bytes: 900_000 }]));
    await panel.getByRole("button", { name: "Carry rows out" }).click();
    await dialog.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await dialog.getByLabel("Passphrase again").fill("über the fance");
    await dialog.getByText("The two are not the same").waitFor();
    assert.ok(await dialog.getByRole("button", { name: "Carry out" }).isDisabled());
    await dialog.getByLabel("Passphrase again").fill(PASSPHRASE);
    await dialog.getByRole("button", { name: "Carry out" }).click();
    await dialog.getByText("5,300 rows have left the spool.").waitFor();
    const link = dialog.getByRole("link", { name: `Download ${file}` });
    assert.equal(await link.getAttribute("href"), `/api/spool/exports/${file}`);
    assert.deepEqual(gui.sent, [["POST /api/spool/export", { passphrase: PASSPHRASE }]]);
    await dialog.getByRole("button", { name: "Close" }).click();
  });

  await step("a file is taken in, and a wrong passphrase is told where it was typed", async (gui) => {
    const asked: (string | null)[] = [];
    gui.answers.set("POST /api/spool/import", ({ headers }: Request) => {
      asked.push(headers.get("x-passphrase"), headers.get("content-type"));
      return told([{ ...END, error: { code: "import_failed", message: "the passphrase is another" } }])();
    });
    await panel.getByRole("button", { name: "Take rows in" }).click();
    const file = { name: "x.rows", mimeType: "application/octet-stream", buffer: Buffer.from("a file") };
    await dialog.getByLabel("File").setInputFiles(file);
    await dialog.getByLabel("Passphrase").fill(PASSPHRASE);
    await dialog.getByRole("button", { name: "Take in" }).click();
    await dialog.getByText("the passphrase is another").waitFor();
    assert.deepEqual(asked, [encodeURIComponent(PASSPHRASE), "application/octet-stream"]);
    gui.answers.set("POST /api/spool/import", told([{ ...END, rows: 5300 }]));
    await dialog.getByRole("button", { name: "Take in" }).click();
    await dialog.getByText("5,300 rows were taken in.").waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
  });

  await step("a file of rows is deleted after a question", async (gui) => {
    gui.answers.set("DELETE /api/spool/exports/spool_20260131T120000Z.rows", {});
    await panel.getByRole("button", { name: "Delete spool_20260131T120000Z.rows" }).click();
    await dialog.getByRole("button", { name: "Delete for good" }).click();
    await eventually("it is asked for", () => gui.sent.length === 1);
    await dialog.waitFor({ state: "detached" });
  });

  const letters = page.locator("#dead-letters");
  await step("letters that are ticked are purged, and no others", async (gui) => {
    gui.answers.set("POST /api/dlq/purge", told([{ ...END, letters: 2, left: 0 }]));
    await letters.getByLabel("Tick letter 2").check();
    await letters.getByRole("button", { name: "Purge 1 ticked" }).waitFor();
    await letters.getByLabel("Tick all of this page").check();
    const link = letters.getByRole("link", { name: "Export 2 ticked" });
    assert.equal(await link.getAttribute("href"), "/api/dlq/export?ids=2,1");
    await letters.getByRole("button", { name: "Purge 2 ticked" }).click();
    await dialog.getByRole("button", { name: "Purge for good" }).click();
    await page.getByText("Purged 2 letters.").waitFor();
    assert.deepEqual(gui.sent, [["POST /api/dlq/purge", { ids: [2, 1] }]]);
    await letters.getByRole("button", { name: "Purge all" }).waitFor();
  });

  await step("what a filter finds is replayed, and what stays says why", async (gui) => {
    const failures = ["Dead letter 2 cannot be replayed: it is no JSON"];
    const end = { ...END, letters: 1, rows: 1, failures, stayed: 1, left: 0 };
    gui.answers.set("GET /api/dlq", LETTERS);
    gui.answers.set("POST /api/dlq/replay", told([{ kind: "progress", done: 1, of: 2 }, end]));
    await letters.getByLabel("Source").fill("press_4");
    const link = letters.getByRole("link", { name: "Export all that match" });
    assert.equal(await link.getAttribute("href"), "/api/dlq/export?source=press_4");
    await letters.getByRole("button", { name: "Replay all that match" }).click();
    await dialog.getByRole("button", { name: "Replay" }).click();
    await dialog.getByText(failures[0]!).waitFor();
    assert.deepEqual(gui.sent, [["POST /api/dlq/replay", { filter: { source: "press_4" } }]]);
    await dialog.getByRole("button", { name: "Close" }).click();
    await letters.getByText("Replayed 1 letter as 1 row. 1 stays.").waitFor();
  });
});
