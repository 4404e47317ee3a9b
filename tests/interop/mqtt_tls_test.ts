/** Who the broker is, who we are, and by which transport we talk. */
import assert from "node:assert/strict";
import { AuthError, ConfigError, type EdgeError } from "../../src/core/error.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { type KeyedCertificate, TestAuthority } from "../peers/certificates.ts";
import { Mosquitto, type MosquittoOptions } from "../peers/mosquitto.ts";
import { connectedSource, connectPublisher, failureOf, mqttSource, readBatches, readingsOf } from "./mqtt_session.ts";

const CLIENT_FILES = { client_cert_path: "client.crt", client_key_path: "client.key" };

for (const version of [4, 5] as const) {
  for (const lowest of ["TLSv1.2", "TLSv1.3"] as const) {
    Deno.test(`mosquitto: shows our client certificate, version ${version}, lowest ${lowest}`, async () => {
      await using stand = await mutualBroker();
      const settings = { protocol_version: version, tls: { ...stand.tls, ...CLIENT_FILES, tls_version: lowest } };
      await using source = await connectedSource({ endpoint: stand.endpoint, settings, deps: stand.deps });
      assert.ok(source);
      await stand.broker.line(/u'edge-1'/);
    });
  }
}

const WITHOUT = [
  [
    "none is configured",
    {},
    false,
    /asks for a client certificate: set tls\.client_cert_path and tls\.client_key_path/,
  ],
  ["it is of another authority", CLIENT_FILES, false, /does not accept our client certificate/],
  ["TLS 1.2 is spoken and none is configured", {}, true, /where it asks for a client certificate/],
] as const;

for (const [why, files, isOldTls, says] of WITHOUT) {
  Deno.test(`mosquitto: says that the broker wants another client certificate when ${why}`, async () => {
    await using stand = await mutualBroker({ isOldTls, isForeign: true });
    const failure = await refused(stand, { ...stand.tls, ...files });
    assert.ok(failure instanceof AuthError, String(failure));
    assert.match(failure.message, says);
  });
}

Deno.test("mosquitto: names the file of a client certificate that cannot be used", async () => {
  await using stand = await mutualBroker();
  const cases = [
    [{ client_cert_path: "none.crt", client_key_path: "client.key" }, /Cannot read tls\.client_cert_path none\.crt/],
    [
      { client_cert_path: "client.key", client_key_path: "client.key" },
      /tls\.client_cert_path client\.key is not a cert/,
    ],
    [
      { client_cert_path: "client.crt", client_key_path: "ca.crt" },
      /tls\.client_key_path ca\.crt is not a private key/,
    ],
    [{ client_cert_path: "ca.crt", client_key_path: "client.key" }, /client_key_path client\.key does not belong to/],
  ] as const;
  for (const [files, says] of cases) {
    const failure = await refused(stand, { ...stand.tls, ...files });
    assert.ok(failure instanceof ConfigError, String(failure));
    assert.match(failure.message, says);
  }
});

Deno.test("mosquitto: is not talked to below the lowest version of TLS", async () => {
  await using stand = await mutualBroker({ isOldTls: true });
  const failure = await refused(stand, { ...stand.tls, ...CLIENT_FILES, tls_version: "TLSv1.3" });
  assert.ok(failure instanceof ConfigError, String(failure));
  assert.match(failure.message, /does not speak TLS of the version that tls\.tls_version wants/);
});

Deno.test("mosquitto: takes any certificate with CERT_NONE, and warns at each connection", async () => {
  await using stand = await mutualBroker();
  const settings = { tls: { ...CLIENT_FILES, verify_mode: "CERT_NONE" } };
  const warnings = () => stand.deps.log.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  for (const times of [1, 2]) {
    await using source = await connectedSource({ endpoint: stand.endpoint, settings, deps: stand.deps });
    assert.ok(source);
    assert.equal(warnings().length, times);
  }
  assert.match(warnings()[0] ?? "", /is not verified .*CERT_NONE.*Set CERT_REQUIRED/);
});

Deno.test("mosquitto: warns of a client key that other users may read", async () => {
  await using stand = await mutualBroker();
  await Deno.chmod(`${stand.home}/client.key`, 0o640);
  const settings = { tls: { ...stand.tls, ...CLIENT_FILES } };
  await using source = await connectedSource({ endpoint: stand.endpoint, settings, deps: stand.deps });
  assert.ok(source);
  assert.match(
    stand.deps.log.lines[0]?.message ?? "",
    /private key of tls\.client_key_path, client\.key, may be read by/,
  );
});

Deno.test("mosquitto: says that a port without TLS speaks none, and the other way round", async () => {
  await using plain = await Mosquitto.start();
  const deps = fakeSourceDeps();
  await using one = mqttSource({ endpoint: `mqtts://localhost:${plain.port}`, settings: {}, deps });
  assert.match((await failureOf(one.connect(AbortSignal.timeout(10_000)))).message, /Cannot connect to mqtts:.*port/);
  await using stand = await mutualBroker();
  await using other = mqttSource({ endpoint: `mqtt://localhost:${stand.broker.port}`, settings: {}, deps });
  const failure = await failureOf(other.connect(AbortSignal.timeout(10_000)));
  assert.match(
    failure.message,
    /closed the connection without an answer; check that the port speaks MQTT as the endpoint/,
  );
});

for (const scheme of ["ws", "wss"] as const) {
  for (const version of [4, 5] as const) {
    Deno.test(`mosquitto: reads in order and without loss through ${scheme}, version ${version}`, async () => {
      await using stand = await webSocketBroker(scheme === "wss");
      const settings = { protocol_version: version, tls: stand.tls };
      const endpoint = `${scheme}://localhost:${stand.broker.port}/mqtt`;
      await using source = await connectedSource({ endpoint, settings, deps: stand.deps });
      await using publisher = await connectPublisher(stand.broker.plainPort);
      await publisher.numbers("plant/oven", 500);
      await publisher.publish("plant/image", "x".repeat(30_000));
      await publisher.numbers("plant/oven", 10, { from: 500 });
      const readings = readingsOf(await readBatches(source, 511)).filter(({ tag }) => tag === "plant/oven");
      assert.deepEqual(readings.map(({ value }) => value), Array.from({ length: 510 }, (_, i) => i));
    });
  }
}

Deno.test("mosquitto: refuses through wss a broker whose authority is not the configured one", async () => {
  await using stand = await webSocketBroker(true);
  await using source = mqttSource({ endpoint: `wss://localhost:${stand.broker.port}`, settings: {}, deps: stand.deps });
  const failure = await failureOf(source.connect(AbortSignal.timeout(10_000)));
  assert.ok(failure instanceof AuthError, String(failure));
  assert.match(failure.message, /set tls\.ca_cert_path/);
});

Deno.test("mosquitto: says that a port without WebSocket has none", async () => {
  await using broker = await Mosquitto.start();
  await using source = mqttSource({ endpoint: `ws://localhost:${broker.port}`, settings: {} });
  const failure = await failureOf(source.connect(AbortSignal.timeout(10_000)));
  assert.match(failure.message, /^Cannot log in to ws:.*check that the port speaks MQTT as the endpoint/);
});

async function refused(stand: Stand, tls: Record<string, unknown>): Promise<EdgeError> {
  await using source = mqttSource({ endpoint: stand.endpoint, settings: { tls }, deps: stand.deps });
  return await failureOf(source.connect(AbortSignal.timeout(10_000)));
}

type Stand = Awaited<ReturnType<typeof mutualBroker>>;

/** A broker that asks for a client certificate, and a home with one; of another authority where `isForeign`. */
async function mutualBroker(options: { readonly isOldTls?: boolean; readonly isForeign?: boolean } = {}) {
  const authority = await TestAuthority.create();
  const clients = options.isForeign ? await TestAuthority.create("Clients") : authority;
  const client = await authority.issue({ usage: "client", commonName: "edge-1", hosts: ["edge-1"] });
  const { isOldTls = false } = options;
  const broker = { tls: await authority.issue(), clientAuthority: clients.certificate, isOldTls };
  return await standWith(broker, { "client.crt": client.certificate, "client.key": client.privateKey }, authority);
}

async function webSocketBroker(isEncrypted: boolean) {
  const authority = await TestAuthority.create();
  const tls: KeyedCertificate | undefined = isEncrypted ? await authority.issue() : undefined;
  return await standWith({ isWebSocket: true, ...(tls ? { tls } : {}) }, {}, authority);
}

async function standWith(options: MosquittoOptions, files: Record<string, string>, authority: TestAuthority) {
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await Mosquitto.start(options));
  const home = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(home, { recursive: true }));
  for (const [name, text] of Object.entries({ ...files, "ca.crt": authority.certificate })) {
    await Deno.writeTextFile(`${home}/${name}`, text, { mode: 0o600 });
  }
  const owned = stack.move();
  return {
    broker,
    endpoint: `mqtts://localhost:${broker.port}`,
    tls: { ca_cert_path: "ca.crt" },
    home,
    deps: fakeSourceDeps({ home }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
