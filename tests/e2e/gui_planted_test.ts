/** Texts that devices and people supply, made to run in a browser: on no page does anything of them run. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { NAMESPACE, startOpcuaServer } from "../peers/opcua_server.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";
import { makePages, openBrowser } from "./gui_stand.ts";
import { ready, sitDown } from "./story_desk.ts";
import { setUp } from "./story_keyboard.ts";
import { upload } from "./story_sources.ts";

const IMAGE = "<img src=x onerror=planted(1)>";
const SCRIPT = '"></textarea></script><script>planted(2)</script>';
const ADDRESS = "javascript:planted(3)";
const ALL = IMAGE + SCRIPT;

/** Pages on which some of it is to be read. */
const SHOWING = [
  "/monitoring",
  "/sources/oven/edit",
  "/certificates",
  "/certificates/servers",
  "/sources/open",
  "/logs",
];

/** What the page's own eyes saw: calls of what was planted, and what the browser kept from running. */
interface Seen {
  readonly planted: unknown[];
  readonly refused: string[];
}

const yaml = ({ broker, opcua }: { broker: number; opcua: number }) =>
  `version: 1
local_sink: { enabled: true }
sources:
  - name: hall
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${broker}
    labels: { note: ${JSON.stringify(ALL)}, link: "${ADDRESS}" }
    mqtt: { payload: { format: json, value: "$.v", unit: "$.u" }, topics: [{ topic: "hall/#" }] }
  - name: press
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:${opcua}
    opcua: { nodes: [{ node_id: ${JSON.stringify(`ns=1;s=${IMAGE}`)}, name: ${JSON.stringify(SCRIPT)} }] }
  - name: open
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:${opcua}
    opcua:
      security_policy: None
      nodes: [{ node_id: ${JSON.stringify(`ns=1;s=${IMAGE}`)}, name: ${JSON.stringify(SCRIPT)} }]
  - name: oven
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:1
    modbus:
      registers: [{ name: ${JSON.stringify(IMAGE)}, address: 1, data_type: uint16, unit: ${JSON.stringify(SCRIPT)} }]
`;

/** An OPC UA server whose certificate and browse names are not what they seem. */
async function startServer(stack: AsyncDisposableStack) {
  const folder = await Deno.makeTempDir({ prefix: "planted-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const commonName = IMAGE.replace(/[<>=]/g, "\\$&"); // RFC 4514, 2.4
  const issued = await (await TestAuthority.create(commonName, "rsa")).issue({ commonName, uri: NAMESPACE });
  const files = { certificateFile: `${folder}/server.pem`, privateKeyFile: `${folder}/server.key` };
  await Deno.writeTextFile(files.certificateFile, issued.certificate);
  await Deno.writeTextFile(files.privateKeyFile, issued.privateKey);
  const server = stack.use(await startOpcuaServer({ certificate: files }));
  server.addCounter(IMAGE);
  server.addCounter(SCRIPT);
  return { server, certificate: issued.certificate };
}

/** Counts what runs, in every page of the context. */
async function watch(page: Page): Promise<void> {
  await page.context().addInitScript(() => {
    const seen: Seen = { planted: [], refused: [] };
    const note = (what: unknown) => void seen.planted.push(what);
    Object.assign(globalThis, { seen, planted: note, alert: note });
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      seen.refused.push(`${violatedDirective} ${blockedURI}`);
    });
  });
}

/** Nothing ran, nothing was kept from running, and no element was made of what was planted. */
async function assertDead(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(() => ({
    seen: (globalThis as unknown as { seen: Seen }).seen, // put there by the script above
    elements: [...document.querySelectorAll('[onerror], img[src="x"], script:not([src]), [href^="javascript" i]')]
      .map(({ outerHTML }) => outerHTML),
  }));
  assert.deepEqual(found, { seen: { planted: [], refused: [] }, elements: [] }, where);
}

/** Opens whatever a page has folded away or tells on demand, but changes nothing. */
async function openAll(page: Page): Promise<void> {
  for (const fold of await page.locator("summary").all()) {
    await fold.evaluate((summary) => void (summary.parentElement as HTMLDetailsElement).setAttribute("open", ""));
  }
  const telling = page.getByRole("button", { name: /detail|^browse|compare/i });
  const names = await telling.allInnerTexts();
  for (let index = 0; index < Math.min(names.length, 3); index++) {
    // A dialog may open after the Escape that was to close it, and lies over the next button then.
    await eventually(`button ${index} of ${page.url()} can be pressed`, async () => {
      await page.keyboard.press("Escape");
      return await telling.nth(index).click({ timeout: 1000 }).then(() => true, () => false);
    }, 30_000);
    // An alert that is pending stands in a table, and may stay so.
    await page.waitForFunction(() => !document.querySelector(".state-busy:not(td *)"));
  }
  await page.keyboard.press("Escape");
}

/** Paths of the pages that a page leads to. */
async function pagesLinkedBy(page: Page): Promise<string[]> {
  const links = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLAnchorElement>("a[href^='/']")].map(({ pathname }) => pathname)
  );
  return links.filter((path) => !/^\/(api|assets)\//.test(path));
}

Deno.test("What devices and people supply runs on no page, and the browser has nothing to keep from running", async () => {
  await makePages();
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await Mosquitto.start());
  const { server, certificate } = await startServer(stack);
  const ports = { gui: freePort(), metrics: freePort() };
  await using connector = await Connector.start({ yaml: yaml({ broker: broker.port, opcua: server.port }), ports });
  const origin = `http://127.0.0.1:${ports.gui}`;
  const [, code = ""] = /^setup code: (\S+) /.exec((await connector.logged(/^setup code: /)).message) ?? [];
  await connector.logged(/Source hall is connected/);
  const publisher = stack.use(await connectPublisher(broker.port));
  await publisher.publish(`hall/${IMAGE}`, JSON.stringify({ v: 1, u: SCRIPT }));
  await publisher.publish(`hall/${SCRIPT}`, ALL);
  await publisher.publish(`hall/${ADDRESS}`, JSON.stringify({ v: ALL }));

  await using browser = await openBrowser();
  await using desk = await sitDown(browser, origin);
  const { page, faults } = desk;
  await watch(page);
  const visited = new Set<string>();
  const shown = new Set<string>();
  const visit = async (path: string, status = 200) => {
    visited.add(path);
    const response = await page.goto(origin + path);
    assert.equal(response?.status(), status, path);
    if (response?.headers()["content-type"]?.startsWith("text/html")) await ready(page);
    // An alert that is pending stands in a table, and may stay so.
    await page.waitForFunction(() => !document.querySelector(".state-busy:not(td *)"));
    await openAll(page);
    await assertDead(page, path);
    if ((await page.locator("body").innerText()).includes("planted(")) shown.add(path);
  };

  await fetch(`${origin}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: ALL.slice(0, 64), password: ALL }),
  }).then((response) => response.body?.cancel());
  await visit("/setup");
  await setUp(desk, code);
  await upload(desk, `${IMAGE}.pem`, certificate);
  await eventually(
    "it is a dead letter",
    async () => (await connector.metric('connector_ledger_records{state="dead_lettered"}') ?? 0) > 0,
  );

  await visit(`/sources/${encodeURIComponent(IMAGE)}`);
  await visit(`/${encodeURIComponent(IMAGE)}`, 404);
  const waiting = ["/monitoring", "/sources/new", `/sources/new?like=${encodeURIComponent(ALL)}`];
  for (const name of ["hall", "press", "open", "oven"]) waiting.push(`/sources/${name}`, `/sources/${name}/edit`);
  while (waiting.length > 0) {
    const path = waiting.shift()!;
    if (visited.has(path)) continue;
    await visit(path);
    waiting.push(...await pagesLinkedBy(page));
  }
  // It is there, as text.
  for (const path of SHOWING) assert.ok(shown.has(path), `${path} is not among ${[...shown]}`);
  assert.deepEqual(faults, []);
});
