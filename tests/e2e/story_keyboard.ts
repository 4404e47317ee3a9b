/** The pages without a mouse. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { PASSWORD } from "./running_api.ts";
import { type Desk, ready } from "./story_desk.ts";
import { tabTo } from "./tab_to.ts";

/** Goes to a field by the Tab key, and types. */
async function typeInto(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, label);
  await page.keyboard.type(text);
}

/** Makes the administrator `anna` with the setup code, on the page that a new installation opens with. */
export async function setUp({ page, press, look }: Desk, code: string): Promise<void> {
  await ready(page);
  await typeInto(page, "Setup code", code);
  await typeInto(page, "User name", "anna");
  await typeInto(page, "Password", PASSWORD);
  await typeInto(page, "Password again", PASSWORD);
  await look("story_setup");
  await press("Make the administrator");
  await page.waitForURL(({ pathname }) => pathname !== "/setup");
}

/** A visit of a session of its own: log in, stop and start a source, test it, hold the log, log out. */
export async function visitByKeyboard(desk: Desk): Promise<void> {
  const { page, press } = desk;
  const go = async (link: string, to: string) => {
    await press(link);
    await page.waitForURL(`**${to}`);
    await ready(page);
  };
  await page.waitForSelector("[data-ready] form");
  await typeInto(page, "User name", "anna");
  await typeInto(page, "Password", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/monitoring");
  await ready(page);
  await go("Sources", "/sources");
  for (const verb of ["Stop", "Start"]) {
    await page.getByRole("button", { name: `${verb} oven` }).waitFor();
    await press(`${verb} oven`);
  }
  await page.getByRole("button", { name: "Stop oven" }).waitFor();
  await go("oven", "/sources/oven");
  await press("Test connection");
  await page.locator("tbody tr", { hasText: "pieces" }).first().waitFor();
  await go("Logs", "/logs");
  await press("Pause");
  await page.getByRole("button", { name: "Go on" }).waitFor();
  await press("Log out");
  await page.waitForURL("**/login");
  assert.deepEqual(desk.faults, []);
}
