import assert from "node:assert/strict";
import { encodeRow, MQTT } from "../../src/bronze/mod.ts";
import { AuthError, ConnectionError, EdgeError, TimeoutError } from "../../src/core/error.ts";
import { testSink } from "../contract/sink.ts";
import { mqttRow, mqttRows, numberIn } from "../fakes/zerobus_sink.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { TcpRelay } from "./tcp_relay.ts";
import { ZerobusStand } from "./zerobus_stand.ts";

const NEVER = new AbortController().signal;

testSink("ZerobusSink over TLS", async () => {
  const stand = await ZerobusStand.start();
  const relay = await TcpRelay.to(stand.ingestPort);
  return {
    sink: stand.sink({ through: relay.port }),
    row: mqttRow,
    stored: () => stand.stored.map(numberIn),
    outage: {
      begin: () => void (stand.arrived = () => relay.reset()),
      end: () => void (stand.arrived = (arrived) => stand.take(arrived)),
    },
    async [Symbol.asyncDispose]() {
      await stand[Symbol.asyncDispose]();
      await relay[Symbol.asyncDispose]();
    },
  };
});

Deno.test("a Zerobus stream names token, table and version", async () => {
  await using stand = await ZerobusStand.start();
  await stand.sink().connect(NEVER);
  const [metadata] = stand.metadata;
  assert.deepEqual(metadata?.get("authorization"), ["Bearer t"]);
  assert.deepEqual(metadata?.get("x-databricks-zerobus-table-name"), ["iot.bronze.mqtt"]);
  assert.match(String(metadata?.get("user-agent")[0]), /^iot-connector\/1\.2\.3 /);
});

Deno.test("a TCP reset with much in flight leaves every open send in doubt at once, and nothing is lost by sending again", async () => {
  await using stand = await ZerobusStand.start();
  await using relay = await TcpRelay.to(stand.ingestPort);
  const sink = stand.sink({ through: relay.port });
  await sink.connect(NEVER);
  let requests = 0;
  stand.arrived = (arrived) => ++requests === 50 ? relay.reset() : requests < 50 && stand.take(arrived);
  const sends = Array.from({ length: 200 }, (_, i) => sink.send(mqttRows(i * 100, 100), NEVER));
  const outcomes = await Promise.allSettled(sends);
  const lost = outcomes.findIndex((outcome) => outcome.status === "rejected");
  assert.ok(lost >= 0 && lost < 50);
  for (const outcome of outcomes.slice(lost)) {
    assert.ok(outcome.status === "rejected" && outcome.reason instanceof ConnectionError);
  }
  stand.arrived = (arrived) => stand.take(arrived);
  await sink.connect(NEVER);
  await Promise.all(outcomes.slice(lost).map((_, i) => sink.send(mqttRows((lost + i) * 100, 100), NEVER)));
  const numbers = new Set(stand.stored.map(numberIn));
  assert.equal(numbers.size, 20_000);
});

for (
  const [what, leaf, host, reason] of [
    ["for another host", { hosts: ["elsewhere.example"] }, "localhost", /altname|name|host/i],
    ["that has expired", { days: -1 }, "localhost", /certificate/i],
  ] as const
) {
  Deno.test(`a certificate ${what} is refused at once, with the reason`, async () => {
    await using stand = await ZerobusStand.start(leaf);
    const sink = stand.sink({ host });
    const startMs = performance.now();
    await assert.rejects(sink.connect(NEVER), (error: unknown) => {
      assert.ok(error instanceof ConnectionError);
      assert.match(error.message, reason);
      return true;
    });
    assert.ok(performance.now() - startMs < 5000);
  });
}

for (const [what, whose] of [["ingest service", "ingest"], ["workspace", "workspace"]] as const) {
  Deno.test(`a certificate of an unknown authority is refused at once, with the reason: ${what}`, async () => {
    const other = await TestAuthority.create("Another Authority");
    await using stand = await ZerobusStand.start(whose === "ingest" ? { signedBy: other } : {});
    const sink = stand.sink({ deps: whose === "workspace" ? { extraRoots: other.certificate } : {} });
    await assert.rejects(sink.connect(NEVER), (error: unknown) => {
      assert.ok(error instanceof ConnectionError);
      assert.match(error.message, /issuer|authority|certificate/i);
      assert.match(error.message, whose === "ingest" ? /stream/ : /reach https/);
      return true;
    });
  });
}

Deno.test("a peer that takes TCP connections and never speaks TLS is given up after timeout_seconds", async () => {
  await using stand = await ZerobusStand.start();
  await using silent = await TcpRelay.silent();
  const sink = stand.sink({ through: silent.port, connection: { timeout_seconds: 1 } });
  await assert.rejects(sink.connect(NEVER), TimeoutError);
});

Deno.test("a closed port is a matter of connection, at once", async () => {
  await using stand = await ZerobusStand.start();
  const relay = await TcpRelay.silent();
  await relay[Symbol.asyncDispose]();
  await assert.rejects(stand.sink({ through: relay.port }).connect(NEVER), ConnectionError);
});

Deno.test("connect() is given up when its signal aborts", async () => {
  await using stand = await ZerobusStand.start();
  await using silent = await TcpRelay.silent();
  const stop = new AbortController();
  const connecting = stand.sink({ through: silent.port }).connect(stop.signal);
  setTimeout(() => stop.abort(new Error("enough")), 50);
  await assert.rejects(connecting, /enough/);
});

Deno.test("stream and token go through the proxy by CONNECT, with its credentials", async () => {
  await using stand = await ZerobusStand.start();
  await using proxy = await TcpRelay.proxy();
  const settings = { url: `http://plant:secret@127.0.0.1:${proxy.port}`, noProxy: "example.com" };
  const sink = stand.sink({ deps: { proxy: settings } });
  await sink.connect(NEVER);
  await sink.send(mqttRows(0, 10), NEVER);
  assert.equal(stand.stored.length, 10);
  const authorization = `Basic ${btoa("plant:secret")}`;
  const expected = [stand.workspacePort, stand.ingestPort].map((port) => `localhost:${port}`);
  assert.deepEqual([...new Set(proxy.connects.map((each) => each.destination))], expected);
  assert.ok(proxy.connects.every((each) => each.authorization === authorization));
});

Deno.test("hosts of no_proxy are reached directly", async () => {
  await using stand = await ZerobusStand.start();
  await using proxy = await TcpRelay.proxy();
  const sink = stand.sink({ deps: { proxy: { url: `http://127.0.0.1:${proxy.port}`, noProxy: "localhost" } } });
  await sink.connect(NEVER);
  assert.deepEqual(proxy.connects, []);
});

for (
  const [status, expected] of [[429, ConnectionError], [500, ConnectionError], [400, AuthError], [
    401,
    AuthError,
  ]] as const
) {
  Deno.test(`HTTP ${status} from the token endpoint is ${expected.name}`, async () => {
    await using stand = await ZerobusStand.start();
    stand.token = () => Response.json({ error: "no" }, { status });
    await assert.rejects(stand.sink().connect(NEVER), expected);
  });
}

const COLUMNS = {
  columns: [
    { name: "timestamp_ms", type_text: "bigint", nullable: true, position: 0 },
    { name: "qos", type_text: "tinyint", nullable: true, position: 1 },
  ],
};

Deno.test("rows hold just the columns that the table has", async () => {
  await using stand = await ZerobusStand.start();
  stand.columns = () => Response.json(COLUMNS);
  const sink = stand.sink();
  await sink.connect(NEVER);
  await sink.send([mqttRow(7)], NEVER);
  assert.deepEqual(stand.stored.map((row) => [...row]), [[88, 7]]);
});

Deno.test("a start while the workspace answers no questions about tables uses the columns of last time", async () => {
  await using stand = await ZerobusStand.start();
  stand.columns = () => Response.json(COLUMNS);
  await stand.sink().connect(NEVER);
  stand.columns = () => new Response(null, { status: 503 });
  const sink = stand.sink();
  await sink.connect(NEVER);
  await sink.send([mqttRow(7)], NEVER);
  assert.deepEqual(stand.stored.map((row) => [...row]), [[88, 7]]);
  const last = stand.events.findLast((event) => event.kind === "columns_read");
  assert.ok(last?.kind === "columns_read" && last.from === "disk");
});

Deno.test("a table that may not be read gets the published columns, and a line says so once", async () => {
  await using stand = await ZerobusStand.start();
  const sink = stand.sink();
  await sink.connect(NEVER);
  await sink.send([mqttRow(7)], NEVER);
  assert.equal(stand.stored.length, 1);
  assert.equal(stand.log.lines.filter((line) => line.message.includes("published bronze columns")).length, 1);
});

Deno.test("a workspace that is away is a matter of connection", async () => {
  await using stand = await ZerobusStand.start();
  const sink = stand.sink();
  await stand.stopWorkspace();
  await assert.rejects(
    sink.connect(NEVER),
    (error: unknown) => error instanceof EdgeError && error.disposition === "retry",
  );
});

Deno.test("large requests arrive as they were written, however many are on their way", async () => {
  // What a request takes is given back when grpc-js has written it: true only while it frames a copy, as 1.14.7 does.
  await using stand = await ZerobusStand.start();
  const sink = stand.sink();
  await sink.connect(NEVER);
  const rows = Array.from({ length: 12 }, (_, i) => {
    const topic = String.fromCharCode(97 + i).repeat(300_000 + 60_000 * i);
    return { ...mqttRow(i), bytes: encodeRow(MQTT, { timestamp_ms: i, topic }) };
  });
  const expected = rows.map(({ bytes }) => bytes.slice());
  await Promise.all(rows.map((row) => sink.send([row], NEVER)));
  assert.equal(stand.stored.length, rows.length);
  for (const [i, bytes] of stand.stored.entries()) assert.ok(sameBytes(bytes, expected[i]), `row ${i}`);
});

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return a.length === b?.length && a.every((byte, i) => byte === b[i]);
}
