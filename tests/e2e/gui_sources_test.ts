/** Sources by their pages: registers and topics that are looked at, chosen, saved and read, and a list by a spreadsheet. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { systemClock } from "../../src/lib/clock.ts";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { Access, type Caller } from "../../src/service/access.ts";
import { Secret } from "../../src/lib/secret.ts";
import { axeFaults, makePages, NARROW, openBrowser, openPage, overflow, WIDE } from "./gui_stand.ts";
import { eventually } from "../wait.ts";
import { PASSWORD, startApi } from "./running_api.ts";

/** Pictures of what is looked at, for people: `GUI_PICTURES=folder`. */
const PICTURES = Deno.env.get("GUI_PICTURES");

const YAML = (modbus: number, mqtt: number) =>
  `version: 1
local_sink: { enabled: true }
sources:
  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${modbus}
    modbus: { registers: [{ name: pieces, address: 20, data_type: uint32 }] }
  - name: oven
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${mqtt}
    mqtt: { topics: [{ topic: plant/oven, payload: { format: json, value: $.v, unit: $.u } }] }
`;

async function whole(page: Page, name: string): Promise<void> {
  assert.deepEqual(await axeFaults(page), [], name);
  for (const { look, viewport } of [{ look: "narrow", viewport: NARROW }, { look: "wide", viewport: WIDE }]) {
    await page.setViewportSize(viewport);
    assert.equal(await overflow(page), 0, `${name} is wider than its window: ${look}`);
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/gui_${name}_${look}_light.png`, fullPage: true });
  }
}

async function logIn(page: Page, address: string): Promise<void> {
  await page.goto(`${address}/login`);
  await page.getByLabel("User name").fill("anna");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/monitoring");
}

function addAdministrator(home: string): Promise<unknown> {
  const by: Caller = { who: "anna", role: "administrator", user: "anna", from: "127.0.0.1" };
  const anna = { name: "anna", role: "administrator", password: new Secret(PASSWORD) } as const;
  return new Access({ home, clock: systemClock }).addUser(anna, by);
}

Deno.test("Registers and topics are looked at, chosen, taken from CSV, saved and read, all by the pages of a source", async (t) => {
  await makePages();
  await using device = startModbusServer();
  device.count("holding", 20);
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, 21.5);
  device.setRegister("holding", 0, view.getUint16(2), view.getUint16(0), 1, 2);
  await using broker = await Mosquitto.start();
  await using publisher = await connectPublisher(broker.port);
  await publisher.publish("plant/oven", '{"v":21.5,"u":"degC"}', { retain: true });
  await publisher.publish("plant/bad", "<img src=x onerror=alert(1)> is no JSON", { retain: true });
  await publisher.publish("yard/gate", "open", { retain: true });
  await using api = await startApi({ yaml: YAML(device.port, broker.port) });
  await addAdministrator(api.connector.home);
  await using browser = await openBrowser();
  await using opened = await openPage(browser, "about:blank");
  const { page, faults } = opened;
  page.setDefaultTimeout(20_000);
  await logIn(page, api.base);

  await t.step("a running source shows its latest values", async () => {
    await page.goto(`${api.base}/sources/meters`);
    const latest = page.getByRole("region", { name: "Latest readings" });
    await latest.getByRole("row", { name: /pieces/ }).first().waitFor();
    await whole(page, "latest");
  });

  await t.step("the form as it stands is tested, and what is wrong stands at its field", async () => {
    await page.goto(`${api.base}/sources/meters/edit`);
    await page.getByLabel("Endpoint *").fill("modbus+tcp://127.0.0.1:1");
    await page.getByRole("button", { name: "Test connection" }).click();
    await page.locator('[aria-invalid="true"]').waitFor();
    assert.equal(await page.getByLabel("Endpoint *").getAttribute("aria-invalid"), "true");
    await page.getByLabel("Endpoint *").fill(`modbus+tcp://127.0.0.1:${device.port}`);
    await page.getByRole("button", { name: "Test again" }).click();
    await page.getByRole("region", { name: "Readings" }).getByRole("row", { name: /pieces/ }).first().waitFor();
    assert.equal(await page.locator('[aria-invalid="true"]').count(), 0);
    await whole(page, "draft_test");
  });

  await t.step(
    "registers are read in every type, by the keyboard, and the right value becomes a register",
    async () => {
      await page.getByRole("button", { name: "Read registers now" }).click();
      await page.getByLabel("Address", { exact: true }).fill("40001");
      await page.getByLabel("How many").fill("4");
      await page.keyboard.press("Enter");
      await page.getByText("What begins at 0 (40001)").waitFor();
      await whole(page, "lab");
      await page.getByRole("button", { name: "Use float32 CDAB: 21.5" }).click();
      await page.getByText("holding_0 is in the form now.").waitFor();
      device.refuse({ table: "holding", from: 100, to: 200, code: 2 });
      await page.getByLabel("Address", { exact: true }).fill("100");
      await page.getByRole("button", { name: "Read now" }).click();
      await page.getByText("illegal data address (exception 2)").waitFor();
    },
  );

  await t.step(
    "CSV goes out, comes in with line and column of its faults, and is told before it goes into the form",
    async () => {
      await page.getByRole("button", { name: "Registers as CSV" }).click();
      const [saved] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Export with commas" }).click(),
      ]);
      const text = await Deno.readTextFile(await saved.path());
      assert.match(
        text,
        /^\uFEFFname,address,data_type,word_order\r\npieces,20,uint32,\r\nholding_0,0,float32,little\r\n$/,
      );
      const file = (body: string) => ({ name: "plant.csv", mimeType: "text/csv", buffer: Buffer.from(body) });
      const input = page.getByLabel("Take registers from a CSV file");
      await input.setInputFiles(file(`${text}x,not a number,,`));
      await page.getByRole("row", { name: /4 B address/ }).waitFor();
      await whole(page, "csv_faults");
      await input.setInputFiles(file(`${text}level;1`.replaceAll(",", ";").replace("level;1", "level;2;int16;")));
      await page.getByText("1 added, 0 changed, 0 removed, 2 as they are.").waitFor();
      await whole(page, "csv");
      await page.getByRole("button", { name: "Put into the form" }).click();
      await page.getByText("The form lists 3 registers now.").waitFor();
      await page.getByRole("button", { name: "Review the change" }).click();
      await page.getByRole("button", { name: "Apply" }).click();
      await page.waitForURL("**/sources/meters");
      const latest = page.getByRole("region", { name: "Latest readings" });
      await latest.getByRole("row", { name: /^holding_0 21\.5 / }).first().waitFor();
    },
  );

  await t.step("messages stand beside the rows that the form makes, and a topic goes into the form", async () => {
    await page.goto(`${api.base}/sources/oven/edit`);
    await page.getByRole("button", { name: "Listen to topics" }).click();
    await page.getByLabel("Topic filter").fill("#");
    await page.keyboard.press("Enter");
    const oven = page.getByRole("article", { name: "Message of plant/oven" });
    await oven.getByRole("row", { name: "plant/oven 21.5 degC" }).waitFor();
    assert.ok(await oven.getByRole("button", { name: "In the form" }).isDisabled());
    const bad = page.getByRole("article", { name: "Message of plant/bad" });
    await bad.getByText("<img src=x onerror=alert(1)> is no JSON").first().waitFor();
    await whole(page, "listen");
    await page.getByRole("article", { name: "Message of yard/gate" }).getByRole("button", { name: "Use this topic" })
      .click();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText(/messages heard/).waitFor();
    const gone = /iot-connector-test-\S+.*(closed|disconnected)/;
    await eventually("the broker sees us go", () => broker.lines.some((line) => gone.test(line)));
    await page.getByText("2: yard/gate").waitFor();
  });
  assert.deepEqual(faults, []);
});
