/** A connector that runs, administered by its pages: users, tokens, settings and the way back, and the audit of all of it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { systemClock } from "../../src/lib/clock.ts";
import { Secret } from "../../src/lib/secret.ts";
import { Access, type Caller } from "../../src/service/access.ts";
import { freePort } from "../peers/process.ts";
import { Connector } from "./connector.ts";
import { makePages, openBrowser, openPage } from "./gui_stand.ts";

const PASSWORD = "a long pass phrase";
const YAML = `version: 1
local_sink: { enabled: true }
sources:
  - name: meters
    protocol: modbus
    enabled: false
    endpoint: modbus+tcp://127.0.0.1:1
    modbus: { registers: [{ name: a, address: 1, data_type: uint16 }] }
`;

Deno.test("An administrator adds a user, makes and revokes a token, changes a setting and rolls it back, and the audit has all of it", async (t) => {
  await makePages();
  const ports = { gui: freePort(), metrics: freePort() };
  await using connector = await Connector.start({ yaml: YAML, ports });
  await addAdministrator(connector.home);
  const origin = `http://127.0.0.1:${ports.gui}`;
  await using browser = await openBrowser();
  await using opened = await openPage(browser, `${origin}/login?next=/settings/users`);
  const { page } = opened;
  page.setDefaultTimeout(20_000);
  await logIn(page, "anna");

  await t.step("a user is added", async () => {
    await page.getByRole("button", { name: "Add a user" }).click();
    await page.getByLabel("User name").fill("vera");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText("vera may log in now.").waitFor();
    assert.ok(await page.getByRole("button", { name: "anna: remove" }).isDisabled(), "the last administrator stays");
  });

  await t.step("a token works until it is revoked", async () => {
    await page.goto(`${origin}/settings/tokens`);
    await page.getByRole("button", { name: "Make a token" }).click();
    await page.getByLabel("Name").fill("scada");
    await page.getByRole("button", { name: "Make it" }).click();
    const text = await page.getByLabel("The new token").inputValue();
    assert.equal(await statusWith(origin, text), 200);
    await page.reload();
    await page.getByRole("row", { name: /scada/ }).waitFor();
    assert.equal(await page.getByRole("cell", { name: "Never", exact: true }).count(), 0, "its use is told");
    await page.getByRole("button", { name: "Revoke scada" }).click();
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByText("scada is revoked.").waitFor();
    assert.equal(await statusWith(origin, text), 401);
  });

  await t.step("a setting is found, changed, and marked as changed", async () => {
    await page.goto(`${origin}/settings`);
    await changeSession(page, "8");
    await page.getByText("Changed here.").waitFor();
    assert.equal(await page.getByText("not saved").count(), 0);
  });

  await t.step("it is rolled back by the history", async () => {
    await page.goto(`${origin}/settings/history`);
    await page.getByRole("button", { name: /^Roll back/ }).click();
    await page.locator("dialog pre", { hasText: "+  session_hours: 12" }).waitFor();
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByText("The configuration is as it was before").waitFor();
    await page.getByRole("cell", { name: /^Rolled back/ }).waitFor();
  });

  await t.step("the audit has all of it, and its chain is whole", async () => {
    await page.goto(`${origin}/settings/audit`);
    for (const what of ["Added a user", "Made a token", "Revoked a token", "Changed the configuration"]) {
      await page.getByRole("cell", { name: what, exact: true }).first().waitFor();
    }
    await page.getByRole("row", { name: /Rolled the configuration back/ }).first().getByRole("button").click();
    await page.locator("dialog pre", { hasText: "session_hours: 12" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Verify the chain" }).click();
    await page.getByText(/^All \d+ lines are as they were written/).waitFor();
  });

  await t.step("what is exported is imported without a change, and with what was edited in it", async () => {
    await page.goto(`${origin}/settings`);
    const exported = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export" }).click();
    const text = await Deno.readTextFile(await (await exported).path());
    await page.getByRole("button", { name: "Import" }).click();
    const choose = (yaml: string) =>
      page.getByRole("dialog").getByLabel("File").setInputFiles({
        name: "connector.yaml",
        mimeType: "application/yaml",
        buffer: Buffer.from(yaml),
      });
    await choose(text);
    await page.getByText("The file says what holds already.").waitFor();
    await choose(text.replace("session_hours: 12", "session_hours: 9"));
    await page.getByRole("dialog").getByRole("button", { name: "Review the change" }).click();
    await page.locator("dialog pre", { hasText: "+  session_hours: 9" }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
  });

  await t.step("a viewer is shown no control that is not for viewers, and changes the own password", async () => {
    await using other = await openPage(browser, `${origin}/login?next=/settings`);
    await logIn(other.page, "vera");
    await other.page.getByText("Only an administrator changes these.").waitFor();
    assert.equal(await other.page.getByRole("button", { name: /Review|Import/ }).count(), 0);
    assert.equal(await other.page.getByRole("link", { name: /^(Users|API tokens|Audit)$/ }).count(), 0);
    await other.page.goto(`${origin}/sources/meters`);
    await other.page.getByText("Disabled").waitFor();
    assert.equal(await other.page.getByRole("button", { name: /Start|Test|Browse|Remove/ }).count(), 0);
    await other.page.goto(`${origin}/settings/users`);
    await other.page.getByText("Only an administrator sees this.").waitFor();
    await other.page.goto(`${origin}/settings/account`);
    await other.page.getByLabel("Old password").fill(PASSWORD);
    await other.page.getByLabel("New password", { exact: true }).fill(`${PASSWORD}, another`);
    await other.page.getByLabel("New password again").fill(`${PASSWORD}, another`);
    await other.page.getByRole("button", { name: "Change the password" }).click();
    await other.page.getByText("Your password is changed").waitFor();
    await other.page.getByText("This browser").waitFor();
    assert.deepEqual(other.faults, []);
  });
  assert.deepEqual(opened.faults, []);
});

/** What the setup would make. */
async function addAdministrator(home: string): Promise<void> {
  const by: Caller = { who: "test", role: "administrator", user: "anna", from: "" };
  const anna = { name: "anna", role: "administrator", password: new Secret(PASSWORD) } as const;
  await new Access({ home, clock: systemClock }).addUser(anna, by);
}

async function logIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Log out" }).waitFor();
}

async function changeSession(page: Page, hours: string): Promise<void> {
  await page.getByLabel("Find a setting").fill("session_hours");
  await page.getByLabel("Session (h)").fill(hours);
  await page.getByText("1 value not saved").waitFor();
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.getByText("The connector starts anew for gui").waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.getByLabel("Find a setting").fill("session_hours");
}

async function statusWith(origin: string, token: string): Promise<number> {
  const response = await fetch(`${origin}/api/status`, { headers: { authorization: `Bearer ${token}` } });
  await response.body?.cancel();
  return response.status;
}
