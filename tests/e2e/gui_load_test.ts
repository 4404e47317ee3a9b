/** What pages cost: those who listen, one who does not keep up, and the first look. Figures of it are in docs/gui.md. */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { systemClock } from "../../src/lib/clock.ts";
import { listen } from "../../src/web/mod.ts";
import { usageOf } from "../bench/cpu.ts";
import { apiStand } from "../fakes/api_stand.ts";
import { type ModbusServer, startModbusServer } from "../peers/modbus_server.ts";
import { eventually } from "../wait.ts";
import { EventClient } from "./event_client.ts";
import { makePages, openBrowser, openPage } from "./gui_stand.ts";
import { PASSWORD, startApi } from "./running_api.ts";

const ASKING = 210;
/** What docs/api.md promises: so many streams of a user, so many of all. */
const [OF_USER, OF_ALL] = [20, 200];
const USERS = OF_ALL / OF_USER;
/** What is measured over: ten readings a second, and a status each second. */
const POLLS = 30;

const yaml = (port: number) =>
  `version: 1
local_sink: { enabled: true }
sources:
  - name: meters
    protocol: modbus
    endpoint: "modbus+tcp://127.0.0.1:${port}"
    modbus: { poll_interval_seconds: 0.1, registers: [{ name: a, address: 1, data_type: uint16 }] }
`;

/** The part of one core that a process takes while the device is asked `POLLS` times. */
async function coreShare(pid: number, device: ModbusServer): Promise<number> {
  const wanted = device.requests + POLLS;
  const [at, before] = [performance.now(), usageOf(pid).cpuSeconds];
  await eventually("the device was asked", () => device.requests >= wanted, 30_000);
  return (usageOf(pid).cpuSeconds - before) / ((performance.now() - at) / 1000);
}

Deno.test("210 that want events: 200 get them for a part of a core, the others are told, and readings go on", async () => {
  await using device = startModbusServer();
  await using api = await startApi({ yaml: yaml(device.port) });
  const { connector, base } = api;
  const tokens = [];
  for (let i = 0; i <= USERS; i++) tokens.push(await api.token(`user${i}`, "viewer"));
  await eventually("it reads", () => device.requests > 10);
  const alone = await coreShare(connector.pid, device);
  await using clients = new AsyncDisposableStack();
  const served: EventClient[] = [];
  let refused = 0;
  for (let i = 0; i < ASKING; i++) {
    const client = await EventClient.open(base, tokens[Math.min(Math.floor(i / OF_USER), USERS)]!);
    if (client) served.push(clients.use(client));
    else refused++;
  }
  assert.deepEqual([served.length, refused], [OF_ALL, ASKING - OF_ALL]);
  const listened = await coreShare(connector.pid, device);
  const least = Math.min(...served.map((client) => client.count("status")));
  assert.ok(least >= POLLS / 10 - 1, `somebody has ${least} statuses only`);
  assert.deepEqual(served.filter((client) => client.count("dropped") > 0), []);
  console.log(`of a core: ${alone.toFixed(3)} with nobody, ${listened.toFixed(3)} with ${OF_ALL} who listen`);
  assert.ok(listened - alone < 0.3, `${listened} of a core, ${alone} with nobody`);
});

Deno.test("One who does not read loses of the log what does not fit, is told how much, and costs the others nothing", async () => {
  await using stand = await apiStand({ clock: systemClock });
  await using listener = listen(stand.fetch, { bind: "127.0.0.1", port: 0, setting: "gui", clock: systemClock });
  const base = `http://127.0.0.1:${listener.address.port}`;
  const { self } = await stand.login("viewer");
  const token = (await stand.access.addToken({ name: "t", role: "viewer", days: 1 }, self)).text.reveal();
  const slow = await fetch(`${base}/api/events?names=logs`, { headers: { authorization: `Bearer ${token}` } });
  await using quick = await opened(base, token, "logs");
  // More than the system keeps for a connection. Each line is let through before the next, so that only one is slow.
  const [lines, text] = [3000, "x".repeat(8000)];
  for (let line = 1; line <= lines; line++) {
    stand.logs.log("info", `${line} ${text}`);
    if (line % 50 === 0) {
      await eventually("the quick one has them", () => ofOurs(quick.kept).length === line);
    }
  }
  const numbers = ofOurs(quick.kept).map((data) => Number(JSON.parse(data).message.split(" ")[0]));
  assert.deepEqual(numbers, Array.from({ length: lines }, (_, i) => i + 1));
  assert.equal(quick.count("dropped"), 0);
  const { came, lost } = await countLines(slow.body!, quick.kept.length);
  assert.ok(lost > 0 && came > 0, `${came} came, ${lost} were lost`);
  assert.equal(came + lost, quick.kept.length);
});

/** The lines that the test wrote; the connector may write some too. */
function ofOurs(lines: readonly string[]): string[] {
  return lines.filter((line) => /"message":"\d+ x/.test(line));
}

async function opened(base: string, token: string, keep: string): Promise<EventClient> {
  const client = await EventClient.open(base, token, keep);
  assert.ok(client);
  return client;
}

/** Reads until as many lines as there were came, or are told to be lost. */
async function countLines(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  lines: number,
): Promise<{ came: number; lost: number }> {
  let [came, lost, rest] = [0, 0, ""];
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split("\n\n");
    rest = events.pop() ?? "";
    came += events.filter((event) => event.startsWith("event: logs\n")).length;
    for (const [, count] of events.join("\n").matchAll(/^data: \{"messages":(\d+)\}$/gm)) lost += Number(count);
    if (came + lost >= lines) break;
  }
  return { came, lost };
}

Deno.test("The first page of a running connector comes under 100 KB compressed, with its script, and says how soon it can be used", async () => {
  await makePages();
  await using device = startModbusServer();
  await using api = await startApi({ yaml: yaml(device.port) });
  await api.token("ada", "administrator");
  await using browser = await openBrowser();
  const storageState = await loggedIn(browser, api.base);
  await using opened = await openPage(browser, "about:blank", { storageState });
  const { page } = opened;
  // A page can be used once the last of its islands answers.
  await page.addInitScript(() => {
    const note = () => {
      if (document.querySelector("[data-island]:not([data-ready])")) return;
      if (document.querySelector("[data-ready]")) performance.mark("usable");
    };
    new MutationObserver(note).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-ready"] });
  });
  const bytes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    if (!request.url().includes("/api/")) bytes.push(request.sizes().then((sizes) => sizes.responseBodySize));
  });
  await page.goto(`${api.base}/monitoring`);
  await page.waitForSelector(".uplot canvas");
  const usable = await page.evaluate(() => performance.getEntriesByName("usable")[0]?.startTime ?? NaN);
  const total = (await Promise.all(bytes)).reduce((sum, each) => sum + each, 0);
  console.log(`the first page: ${total} bytes, usable after ${Math.round(usable)} ms`);
  assert.ok(total > 20_000 && total < 100_000, `${total} bytes`);
  assert.ok(usable > 0);
});

/** The cookies of a login, for a browser that has nothing else yet. */
async function loggedIn(browser: Browser, base: string) {
  await using opened = await openPage(browser, `${base}/login`);
  const { page } = opened;
  await page.waitForSelector("[data-ready] form");
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname !== "/login");
  return await page.context().storageState();
}
