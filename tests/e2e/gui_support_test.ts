/** The support bundle on Logs: what is in it is told, it is sealed, and only administrators make one. */
import assert from "node:assert/strict";
import { answerAll } from "../fakes/gui_fixtures.ts";
import { axeFaults, GuiStand, NARROW, openBrowser, openPage, overflow } from "./gui_stand.ts";

const PASSPHRASE = "a passphrase of some length";
const ROUTE = "POST /api/support-bundle";

Deno.test("an administrator downloads a support bundle that a passphrase seals; others are not offered one", async () => {
  await using browser = await openBrowser();
  await using stand = await GuiStand.open();
  const { gui } = stand;
  answerAll(gui);
  await using opened = await openPage(browser, `${stand.origin}/logs`);
  const { page } = opened;
  page.setDefaultTimeout(10_000);
  const dialog = page.locator("dialog[open]");
  await page.getByRole("button", { name: "Support bundle" }).click();
  await dialog.getByText("In it: the configuration without secrets").waitFor();
  const button = dialog.getByRole("button", { name: "Download" });
  assert.ok(await button.isDisabled(), "without a passphrase there is none");
  await dialog.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await dialog.getByLabel("Passphrase again").fill(`${PASSPHRASE}!`);
  await dialog.getByText("The two are not the same").waitFor();
  await dialog.getByLabel("Passphrase again").fill(PASSPHRASE);
  assert.deepEqual(await axeFaults(page), []);
  await page.setViewportSize(NARROW);
  assert.equal(await overflow(page), 0);

  gui.answers.set(ROUTE, () => new Response("sealed", { headers: { "content-type": "application/octet-stream" } }));
  const downloading = page.waitForEvent("download");
  await button.click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), "support.bundle");
  await dialog.getByText("The file is downloaded.").waitFor();
  assert.deepEqual(gui.sent.filter(([key]) => key === ROUTE).map(([, body]) => body), [{ passphrase: PASSPHRASE }]);
  assert.deepEqual(opened.faults, []);

  gui.viewer = { name: "vera", role: "viewer", csrf: "token" };
  await page.reload();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Support bundle" }).count(), 0);
});
