/** An OPC UA source by its pages: a server by others (asyncua) that nobody trusts yet, until its rows arrive. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { freePort, PeerProcess } from "../peers/process.ts";
import { provision, PYTHON } from "../peers/provision.ts";
import { Connector } from "./connector.ts";
import { axeFaults, makePages, openBrowser, openPage, overflow } from "./gui_stand.ts";

const SERVER = new URL("../interop/peers/opcua_asyncua_server.py", import.meta.url).pathname;
const PASSWORD = "a horse that counts nodes";
/** Pictures of what is looked at, for people: `GUI_PICTURES=folder`. */
const PICTURES = Deno.env.get("GUI_PICTURES");

async function startServer() {
  await provision();
  const pki = await Deno.makeTempDir({ prefix: "gui-opcua-" });
  const port = freePort();
  const args = [SERVER, "--port", String(port), "--pki", pki];
  const { peer } = await PeerProcess.start(PYTHON, { args, ready: /^ready$/, timeoutMs: 60_000 });
  return {
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await peer[Symbol.asyncDispose]();
      await Deno.remove(pki, { recursive: true });
    },
  };
}

async function setUp(page: Page, code: string): Promise<void> {
  await page.getByLabel("Setup code").fill(code);
  await page.getByLabel("User name").fill("anna");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Make the administrator" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/setup"));
}

Deno.test("A server that nobody trusts is compared, trusted, browsed and ticked by the pages, and its rows arrive", async () => {
  await makePages();
  await using server = await startServer();
  await using connector = await Connector.start({
    yaml: "local_sink: { enabled: true }",
    ports: { gui: freePort(), metrics: freePort() },
  });
  const { message } = await connector.logged(/^setup code: /);
  const [, code = "", address = ""] = /^setup code: (\S+) .* at (\S+)$/.exec(message) ?? [];
  await using browser = await openBrowser();
  await using opened = await openPage(browser, address);
  const { page, faults } = opened;
  const look = async (name: string) => {
    assert.deepEqual(await axeFaults(page), [], name);
    assert.equal(await overflow(page), 0, name);
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/gui_${name}_wide_light.png` });
  };
  await setUp(page, code);

  await page.goto(`${address}sources/new`);
  await page.getByLabel("Protocol").selectOption("opcua");
  await page.getByLabel("Name *").fill("plant");
  await page.getByLabel("Endpoint *").fill(server.endpoint);
  await page.getByRole("button", { name: "Browse the server" }).click();
  await page.getByText("opcua_untrusted_server").waitFor();
  await look("untrusted");

  const [trusting] = await Promise.all([page.waitForEvent("popup"), page.getByText("Compare the certificate").click()]);
  await trusting.getByRole("button", { name: "Trust asyncua" }).click();
  const dialog = trusting.getByRole("dialog");
  await dialog.getByText(server.endpoint).waitFor();
  if (PICTURES) await trusting.screenshot({ path: `${PICTURES}/gui_asyncua_trust_wide_light.png` });
  await dialog.getByRole("button", { name: "They are the same: trust it" }).click();
  await trusting.locator("article", { hasText: "Trusted" }).getByText("asyncua", { exact: true }).waitFor();
  await trusting.close();

  await page.getByRole("button", { name: "Look again" }).click();
  await page.getByRole("button", { name: "Open Plant" }).click();
  await page.getByLabel("Search in what was loaded").fill("counter");
  await page.getByRole("checkbox", { name: "Read Counter" }).check();
  await page.getByText("The form lists 1 entry.").waitFor();
  await page.getByLabel("Search in what was loaded").fill("");
  await page.getByRole("checkbox", { name: "Read Double" }).check();
  await look("browse_and_tick");

  await page.getByRole("button", { name: "Review the change" }).click();
  await page.locator("pre", { hasText: "name: Counter" }).waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL("**/sources/plant");
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.locator("dd", { hasText: /^[1-9]/ }).first().waitFor();
  assert.deepEqual(faults, []);
});
