import assert from "node:assert/strict";
import { parse } from "yaml";
import { FakeDevice } from "../../tests/fakes/source.ts";
import { fakeSourceDeps } from "../../tests/fakes/source_deps.ts";
import { homeWith, outcomeOf, terminalOf } from "../../tests/fakes/terminal.ts";
import { eventually } from "../../tests/wait.ts";
import type { BrowseNode } from "../core/browse.ts";
import { showNodes } from "./browse.ts";

const TEMPERATURE: BrowseNode = {
  id: "ns=2;s=Temperature",
  name: "Temperature",
  kind: "variable",
  hasChildren: false,
  dataType: "Double",
  sample: { value: "21.5", status: "Good", timeUs: 1_800_000_000_000_000 },
  facts: { description: "oven" },
  configure: { list: "nodes", entry: { node_id: "ns=2;s=Temperature", name: "Temperature" } },
};
const AREA: BrowseNode = { id: "ns=2;s=Area's", name: "Area's", kind: "folder", hasChildren: true };

function nodesOf(...nodes: BrowseNode[]): FakeDevice {
  const device = new FakeDevice();
  device.tree = { "": nodes, "ns=2;s=Area's": [] };
  return device;
}

interface ShownOptions {
  readonly isJson?: boolean;
  readonly under?: string;
  readonly most?: number;
  readonly stopping?: AbortSignal;
  /** Further endpoints. */
  readonly others?: readonly string[];
}

async function shown(device: FakeDevice, options: ShownOptions = {}) {
  const { isJson = false, under, most = 100, stopping, others = [] } = options;
  const { terminal, written } = terminalOf(stopping ? { stopping } : {});
  const config = { name: "press", endpoint: "fake://press", labels: {}, settings: {} };
  const entry = {
    spec: device.spec,
    config,
    isEnabled: true,
    table: null,
    alternates: others.map((endpoint) => ({ ...config, endpoint })),
    rateLimit: { requests_per_second: null, readings_per_second: null },
  };
  const wanted = { under, listenMs: 1, most };
  const code = await showNodes(entry, { wanted, isJson, deps: fakeSourceDeps(), terminal });
  return { code, ...written() };
}

Deno.test("browse prints entries of the configuration, with what each says now behind them", async () => {
  const { code, out, err } = await shown(nodesOf(TEMPERATURE, AREA));
  assert.equal(code, 0);
  assert.equal(
    out,
    `      nodes:
        - { node_id: "ns=2;s=Temperature", name: "Temperature" } # Double 21.5 Good 2027-01-15T08:00:00.000Z description=oven
        # folder Area's: --under 'ns=2;s=Area'\\''s'
`,
  );
  assert.equal(err, "2 found under fake://press.\n");
});

Deno.test("browse prints YAML that says what it was given, whatever a device calls its things", async () => {
  const entry = { topic: 'a: "b" # \u001b[2J\n${HOME} \u2028é', qos: 1, payload: { format: "json", value: "$.v" } };
  const topic: BrowseNode = {
    id: "t",
    name: "t",
    kind: "topic",
    hasChildren: false,
    sample: { value: "x\n- forged: entry\u001b[2J" },
    configure: { list: "topics", entry },
  };
  const { out } = await shown(nodesOf(topic));
  const { topics } = parse(out);
  assert.deepEqual(topics, [{ ...entry, topic: entry.topic.replace("${", () => "$${") }]);
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  assert.doesNotMatch(out.replaceAll("\n", ""), /[\x00-\x1f\x7f-\x9f\u2028]/);
});

Deno.test("browse prints other ways to read the same place as comments", async () => {
  const register: BrowseNode = {
    id: "holding:40",
    name: "holding 40",
    kind: "register",
    hasChildren: false,
    dataType: "uint16",
    sample: { value: "17096" },
    configure: { list: "registers", entry: { name: "holding_40", address: 40 } },
    alternatives: [{
      dataType: "float32",
      sample: { value: "100.5" },
      configure: { list: "registers", entry: { name: "holding_40", address: 40, data_type: "float32" } },
    }],
  };
  const { out } = await shown(nodesOf(register));
  assert.equal(parse(out).registers.length, 1);
  assert.match(out, /^ {8}# - \{ name: "holding_40", address: 40, data_type: "float32" \} # float32 100\.5$/m);
});

Deno.test("browse --json prints an object per node", async () => {
  const { out } = await shown(nodesOf(TEMPERATURE, AREA), { isJson: true });
  const [temperature, area] = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  const sample = { value: "21.5", status: "Good", time: "2027-01-15T08:00:00.000Z" };
  assert.deepEqual(temperature, { ...TEMPERATURE, sample });
  assert.deepEqual(area, AREA);
});

Deno.test("browse looks under a place, and ends with 1 where nothing is found", async () => {
  const device = nodesOf(TEMPERATURE);
  const { code, err } = await shown(device, { under: "ns=2;s=Area's" });
  assert.equal(code, 1);
  assert.equal(err, "0 found under ns=2;s=Area's at fake://press.\n");
  assert.equal(device.looks[0]?.disposals, 1);
});

Deno.test("browse says at which of several endpoints it looked", async () => {
  const device = nodesOf(TEMPERATURE);
  device.unreachable.add("fake://press");
  const { err } = await shown(device, { others: ["fake://standby"] });
  assert.equal(err, "1 found under fake://standby.\n");
});

Deno.test("browse says how to see the rest", async () => {
  const { err } = await shown(nodesOf(TEMPERATURE, AREA), { most: 1 });
  assert.equal(err, "1 found under fake://press. There are more: --most N shows N of them.\n");
});

Deno.test("browse that is stopped ends with what it has", async () => {
  const device = nodesOf(...Array.from({ length: 1001 }, () => TEMPERATURE));
  device.maxPages = 1;
  const stop = new AbortController();
  const ended = shown(device, { most: 2000, stopping: stop.signal });
  await eventually("it asks for the second page", () => device.looks[0]?.requests.length === 2);
  stop.abort();
  const { code, err } = await ended;
  assert.deepEqual([code, err], [0, "1000 found under fake://press. It was stopped before the end.\n"]);
});

Deno.test("browse ends without a word when it is stopped before it is connected", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using home = await homeWith(`version: 1
local_sink: { enabled: true }
sources:
  - { name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${silent.addr.port}", mqtt: { topics: [{ topic: "#" }] } }
`);
  const stop = new AbortController();
  const ended = outcomeOf(["browse", "line", "--home", home.path], { stopping: stop.signal });
  using _conn = await silent.accept();
  stop.abort();
  assert.deepEqual(await ended, { code: 1, out: "", err: "" });
});

Deno.test("browse refuses words that mean nothing", async () => {
  await using home = await homeWith(`version: 1
local_sink: { enabled: true }
sources:
  - { name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:1", mqtt: { topics: [{ topic: "#" }] } }
`);
  const run = async (...words: string[]) => await outcomeOf(["browse", "--home", home.path, ...words]);
  assert.deepEqual(await run("lime"), { code: 64, out: "", err: "There is no source lime; there are: line.\n" });
  assert.equal((await run("line", "--seconds", "soon")).err, "--seconds must be a number from 0 to 3600.\n");
  assert.equal((await run("line", "--most", "0")).err, "--most must be a whole number from 1 to 100000.\n");
});
