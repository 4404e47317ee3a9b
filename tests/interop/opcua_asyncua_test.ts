/** The OPC UA source against a server by others: asyncua, in Python (tests/interop/peers/opcua_asyncua_server.py). */
import assert from "node:assert/strict";
import { AuthError, ConnectionError } from "../../src/core/error.ts";
import type { Source } from "../../src/core/source.ts";
import { opcuaAdapter } from "../../src/sources/opcua/mod.ts";
import type { OpcuaReading } from "../../src/sources/opcua/reading.ts";
import { opcuaSettings } from "../../src/sources/opcua/settings.ts";
import { type FakeSourceDeps, fakeSourceDeps } from "../fakes/source_deps.ts";
import { freePort, PeerProcess } from "../peers/process.ts";
import { provision, PYTHON } from "../peers/provision.ts";
import { eventually } from "../wait.ts";

const SERVER = new URL("peers/opcua_asyncua_server.py", import.meta.url).pathname;
const PLANT = "0:Root/0:Objects/2:Plant";
const SECURE = { security_policy: "Basic256Sha256" };

interface Bench extends AsyncDisposable {
  readonly home: string;
  readonly deps: FakeSourceDeps;
  /** Encodings of the table's values, in hexadecimal, as asyncua makes them. */
  readonly table: Readonly<Record<string, string>>;
  source(block: Record<string, unknown>): Source;
  /** Ends the server at once, as a crash does, and starts it again on the same port. */
  restart(...args: string[]): Promise<void>;
}

async function openBench(): Promise<Bench> {
  await provision();
  await using opened = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "opcua-asyncua-" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  const home = `${folder}/home`;
  await Deno.mkdir(home);
  const port = freePort();
  const start = (...more: string[]) =>
    PeerProcess.start(PYTHON, {
      args: [SERVER, "--port", String(port), "--pki", `${folder}/pki`, ...more],
      ready: /^ready$/,
    });
  let { peer } = await start();
  opened.defer(() => peer[Symbol.asyncDispose]());
  const deps = fakeSourceDeps({ home });
  const [, table = "{}"] = await peer.line(/^table (.*)$/);
  const stack = opened.move();
  return {
    home,
    deps,
    table: JSON.parse(table),
    source: (block) =>
      opcuaAdapter().create({
        name: "plant",
        endpoint: `opc.tcp://127.0.0.1:${port}`,
        labels: {},
        settings: settings(block),
      }, deps),
    async restart(...args) {
      peer.kill("SIGKILL");
      await peer.status;
      ({ peer } = await start(...args));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function settings(block: Record<string, unknown>) {
  return opcuaSettings.parse({
    security_policy: "None",
    subscription: { publishing_interval_ms: 50, queue_size: 1000 },
    nodes: [{ node_id: "ns=2;s=Counter", sampling_interval_ms: 0 }],
    ...block,
  });
}

function connect(source: Source): Promise<void> {
  return source.connect(AbortSignal.timeout(20_000));
}

/** Reads until there are `count` readings that `isWanted`. */
async function collect(
  source: Source,
  count: number,
  isWanted: (reading: OpcuaReading) => boolean = () => true,
): Promise<OpcuaReading[]> {
  const found: OpcuaReading[] = [];
  for await (const batch of source.batches(AbortSignal.timeout(20_000))) {
    batch.ack();
    found.push(...(batch.readings as OpcuaReading[]).filter(isWanted)); // an OPC UA source makes only these
    if (found.length >= count) return found;
  }
  throw new Error(`${found.length} of ${count} readings came in 20 s`);
}

/** Moves what was rejected to where the error's text says. */
async function trustRejected(home: string): Promise<void> {
  for await (const { name } of Deno.readDir(`${home}/certs/opcua/rejected`)) {
    await Deno.rename(`${home}/certs/opcua/rejected/${name}`, `${home}/certs/opcua/trusted/certs/${name}`);
  }
}

/** A first connection that is refused, and the server's certificate trusted after it. */
async function trusting(bench: Bench): Promise<void> {
  await using source = bench.source(SECURE);
  await assert.rejects(connect(source), AuthError);
  await trustRejected(bench.home);
}

Deno.test("asyncua, None, anonymous: numbered values arrive complete and in order", async () => {
  await using bench = await openBench();
  await using source = bench.source({});
  await connect(source);
  const numbers = (await collect(source, 150)).map((reading) => reading.value.number ?? NaN);
  const [first = NaN] = numbers;
  assert.deepEqual(numbers, numbers.map((_, i) => first + i));
});

Deno.test("asyncua, Basic256Sha256, SignAndEncrypt, user and password: values arrive", async () => {
  await using bench = await openBench();
  await trusting(bench);
  await using source = bench.source({ ...SECURE, username: "operator", password: "secret" });
  await connect(source);
  assert.equal((await collect(source, 3))[0]?.value.valueType, "UInt32");
});

Deno.test("asyncua, Basic256Sha256, Sign: values arrive", async () => {
  await using bench = await openBench();
  await trusting(bench);
  await using source = bench.source({ ...SECURE, security_mode: "Sign" });
  await connect(source);
  assert.equal((await collect(source, 3))[0]?.value.status, "Good");
});

Deno.test("asyncua: a wrong password is an AuthError of one line that does not show it", async () => {
  await using bench = await openBench();
  await trusting(bench);
  await using source = bench.source({ ...SECURE, username: "operator", password: "not-it" });
  await assert.rejects(connect(source), (error) => {
    assert.ok(error instanceof AuthError);
    assert.match(error.message, /^Cannot log in to opc\.tcp:\/\/127\.0\.0\.1:\d+: .*user or password.*$/);
    assert.doesNotMatch(error.message, /not-it/);
    return true;
  });
});

Deno.test("asyncua: an unknown server is refused, and connects once its certificate was moved, in the same process", async () => {
  await using bench = await openBench();
  {
    await using source = bench.source(SECURE);
    await assert.rejects(connect(source), (error) => {
      assert.ok(error instanceof AuthError);
      const file = error.message.match(/put into (certs\/opcua\/rejected\/.*\.pem)\. If/)?.[1];
      assert.ok(file && Deno.statSync(`${bench.home}/${file}`).isFile, error.message);
      return true;
    });
  }
  await trustRejected(bench.home);
  await using source = bench.source(SECURE);
  await connect(source);
  assert.ok((await collect(source, 1)).length >= 1);
});

Deno.test("asyncua: a pinned certificate is enough, another one is refused", async () => {
  await using bench = await openBench();
  await Deno.copyFile(`${bench.home}/../pki/certificate.der`, `${bench.home}/server.der`);
  await using source = bench.source({ ...SECURE, server_certificate_path: "server.der" });
  await connect(source);
  assert.ok((await collect(source, 1)).length >= 1);
  const own = "certs/opcua/own/certs/iot-connector.pem";
  await using other = bench.source({ ...SECURE, server_certificate_path: own });
  await assert.rejects(connect(other), /is not the one in server_certificate_path/);
});

Deno.test("asyncua: a missing node fails alone and is named", async () => {
  await using bench = await openBench();
  await using source = bench.source({
    nodes: [
      { node_id: "ns=2;s=Missing", name: "ghost" },
      { node_id: "nsu=urn:test:nowhere;s=Counter" },
      { browse_path: "0:Root/0:Objects/2:Nowhere" },
      { node_id: "nsu=urn:test:plant;s=Counter", sampling_interval_ms: 0 },
    ],
  });
  await connect(source);
  assert.equal((await collect(source, 5))[0]?.tag, "nsu=urn:test:plant;s=Counter");
  const failed = bench.deps.events.flatMap((event) => event.kind === "tag_failed" ? [event.tag] : []);
  assert.deepEqual(failed.sort(), ["0:Root/0:Objects/2:Nowhere", "ghost", "nsu=urn:test:nowhere;s=Counter"]);
});

Deno.test("asyncua: after a restart that moves the namespace, node ids by URI are found again", async () => {
  await using bench = await openBench();
  const nodes = [{ node_id: "nsu=urn:test:plant;s=Counter", sampling_interval_ms: 0 }];
  {
    await using source = bench.source({ nodes });
    await connect(source);
    assert.equal((await collect(source, 3))[0]?.from.namespace, 2);
    const reading = collect(source, Infinity);
    reading.catch(() => {}); // asserted below; it may throw before the server is back
    await bench.restart("--namespaces-before", "3");
    await assert.rejects(reading, ConnectionError);
  }
  await using again = bench.source({ nodes });
  await eventually("the server takes the new session", () => connect(again).then(() => true, () => false));
  assert.equal((await collect(again, 3))[0]?.from.namespace, 5);
});

Deno.test("asyncua: every type of its table is read, with the bytes that asyncua makes of it", async () => {
  await using bench = await openBench();
  await using source = bench.source({ nodes: [{ browse_path: PLANT, sampling_interval_ms: 0 }] });
  await connect(source);
  const byName = new Map<string, OpcuaReading>();
  await collect(source, 1, (reading) => {
    byName.set(reading.tag.replace(`${PLANT}/2:`, ""), reading);
    return byName.size === Object.keys(EXPECTED).length + 4; // and Counter, Bad, Motor and State
  });
  for (const [name, [type, text, number]] of Object.entries(EXPECTED)) {
    const { value, eventTimeUs } = byName.get(name) ?? assert.fail(`no reading of ${name}`);
    assert.deepEqual([value.valueType, value.text, value.number], [type, text, number], name);
    assert.equal(value.raw?.toHex(), bench.table[name], `bytes of ${name}`);
    assert.equal(eventTimeUs, 1_704_164_645_678_901, `event time of ${name}`);
  }
  const bad = byName.get("Bad")?.value;
  assert.deepEqual([bad?.statusCode, bad?.status, bad?.text], [0x8fff0000, "0x8FFF0000", undefined]);
});

Deno.test("asyncua: structures and enumerations that the server defines are read by their fields and names", async () => {
  await using bench = await openBench();
  const nodes = ["Motor", "State"].map((id) => ({ node_id: `nsu=urn:test:plant;s=${id}` }));
  for (const mode of ["subscription", "poll"]) {
    await using source = bench.source({ nodes, mode });
    await connect(source);
    const [motor, state] = (await collect(source, 2)).map(({ value }) => value);
    assert.deepEqual(JSON.parse(motor?.text ?? ""), {
      State: "Running_1",
      Axes: [{ Name: "x", Position: 1.5 }, { Name: "y", Position: -0.5 }],
      Serial: "9223372036854775808",
    });
    assert.deepEqual([motor?.valueType, state?.valueType], ["ExtensionObject", "Int32"]);
    assert.deepEqual([state?.text, state?.number], ["Broken_2", 2]);
  }
});

/** Built-in type, text and number of each value of the server's table. */
const EXPECTED: Readonly<Record<string, readonly [string, string | undefined, number | undefined]>> = {
  Boolean: ["Boolean", "true", 1],
  SByte: ["SByte", "-128", -128],
  Byte: ["Byte", "255", 255],
  Int16: ["Int16", "-32768", -32768],
  UInt16: ["UInt16", "65535", 65535],
  Int32: ["Int32", "-2147483648", -2147483648],
  UInt32: ["UInt32", "4294967295", 4294967295],
  Int64: ["Int64", "-9223372036854775808", -9223372036854775808],
  UInt64: ["UInt64", "18446744073709551615", 18446744073709551615],
  Float: ["Float", "0.5", 0.5],
  Double: ["Double", "0.1", 0.1],
  NaN: ["Double", "NaN", NaN],
  String: ["String", "Größe 5 µm", undefined],
  EmptyString: ["String", "", undefined],
  DateTime: ["DateTime", "2024-01-02T03:04:05.6789010Z", undefined],
  Guid: ["Guid", "72962b91-fa75-4ae6-8d28-b404dc7daf63", undefined],
  ByteString: ["ByteString", "AAH+/w==", undefined],
  XmlElement: ["XmlElement", "<a>1</a>", undefined],
  NodeId: ["NodeId", "ns=2;s=Motor", undefined],
  ExpandedNodeId: ["ExpandedNodeId", "i=85", undefined],
  StatusCode: ["StatusCode", "BadNodeIdUnknown", undefined],
  QualifiedName: ["QualifiedName", "Speed", undefined],
  LocalizedText: ["LocalizedText", "Druck", undefined],
  ExtensionObject: ["ExtensionObject", '{"typeId":"i=886","body":"AAAAAAAAAAAAAAAAAABZQA=="}', undefined],
  Int32Array: ["Int32[]", "[1,-2,3]", undefined],
  EmptyArray: ["Int32[]", "[]", undefined],
  StringArray: ["String[]", '["a",null,"ü"]', undefined],
  UInt64Array: ["UInt64[]", '["18446744073709551615"]', undefined],
  Matrix: ["Int16[]", "[[1,2,3],[4,5,6]]", undefined],
};
