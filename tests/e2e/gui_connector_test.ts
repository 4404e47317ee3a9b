/** The executable with its pages, from the first setup to values of a device, in a browser. */
import assert from "node:assert/strict";
import { startModbusServer } from "../peers/modbus_server.ts";
import { freePort } from "../peers/process.ts";
import { Connector } from "./connector.ts";
import { openBrowser, openPage } from "./gui_stand.ts";

const EXECUTABLE = new URL("../../dist/iot-connector", import.meta.url).pathname;
const PASSWORD = "a horse that counts registers";

Deno.test("A new installation is set up, given its first source, and watched, all by its pages", async () => {
  await using device = startModbusServer();
  device.count("holding", 0);
  await using connector = await Connector.start({
    yaml: "local_sink: { enabled: true }",
    ports: { gui: freePort(), metrics: freePort() },
    executable: Deno.env.get("GUI_EXECUTABLE") ?? EXECUTABLE,
  });
  const { message } = await connector.logged(/^setup code: /);
  const [, code = "", address = ""] = /^setup code: (\S+) .* at (\S+)$/.exec(message) ?? [];
  await using browser = await openBrowser();
  await using opened = await openPage(browser, address);
  const { page, faults } = opened;

  await page.getByLabel("Setup code").fill(code);
  await page.getByLabel("User name").fill("anna");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Password again").fill(PASSWORD);
  await page.getByRole("button", { name: "Make the administrator" }).click();
  await page.getByRole("heading", { name: "First steps" }).waitFor();

  await page.goto(`${address}sources/new`);
  await page.getByLabel("Protocol").selectOption("modbus");
  await page.getByLabel("Name *").fill("press");
  await page.getByLabel("Endpoint *").fill(`modbus+tcp://127.0.0.1:${device.port}`);
  await page.locator("details", { hasText: "Registers" }).getByRole("button", { name: "Add an entry" }).last().click();
  const entry = page.locator("fieldset", { hasText: "Entry 1" }).last();
  await entry.getByLabel("Name *").fill("pieces");
  await entry.getByLabel("Address *").fill("0");
  await entry.getByLabel("Data type").selectOption("uint32");
  await page.getByRole("button", { name: "Review the change" }).click();
  await page.locator("pre", { hasText: "+" }).waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL("**/sources/press");
  await page.getByText("Connected", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Test connection" }).click();
  await page.locator("tbody tr", { hasText: "pieces" }).first().waitFor();

  await page.goto(`${address}monitoring`);
  await page.locator(".card", { hasText: "press" }).getByText(/[1-9][\d.]*\/s/).waitFor();
  await page.locator("table.balance").getByRole("rowheader", { name: "press" }).waitFor();
  await page.getByText("Balanced").waitFor();

  await page.goto(`${address}logs`);
  await page.getByText("The connector starts").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL("**/login");
  await page.goto(`${address}sources`);
  await page.waitForURL("**/login?next=%2Fsources");
  assert.deepEqual(faults, []);
});
