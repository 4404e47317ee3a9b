/** Every policy, mode and kind of user against servers by others: asyncua, in Python, and Eclipse Milo, in Java. */
import assert from "node:assert/strict";
import { AuthError, ConfigError } from "../../src/core/error.ts";
import { opcuaAdapter } from "../../src/sources/opcua/mod.ts";
import type { OpcuaReading } from "../../src/sources/opcua/reading.ts";
import { POLICIES } from "../../src/sources/opcua/policies.ts";
import { opcuaSettings } from "../../src/sources/opcua/settings.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { freePort, PeerProcess } from "../peers/process.ts";
import { MILO_CLASS_PATH, provision, PYTHON } from "../peers/provision.ts";

const ASYNCUA = new URL("peers/opcua_asyncua_server.py", import.meta.url).pathname;
const MILO = new URL("peers/opcua_milo_server.java", import.meta.url).pathname;

/** Command and arguments of a server with all policies, which writes its certificate into `folder`/pki. */
const SERVERS: Readonly<Record<string, (port: string, folder: string) => readonly string[]>> = {
  asyncua: (port, folder) => [
    PYTHON,
    ...[ASYNCUA, "--port", port, "--pki", `${folder}/pki`, "--user-certificate", `${folder}/user.der`],
  ],
  Milo: (port, folder) => ["java", "-XX:TieredStopAtLevel=1", "-cp", MILO_CLASS_PATH, MILO, port, `${folder}/pki`],
};

const PAIRS = [
  ["None", "None"],
  ...POLICIES.slice(1).flatMap((policy) => [[policy, "Sign"], [policy, "SignAndEncrypt"]] as const),
] as const;

const USERS: Readonly<Record<string, Record<string, unknown>>> = {
  anonymous: {},
  password: { username: "operator", password: "secret", allow_plain_password: true },
  certificate: { user_certificate_path: "user.pem", user_private_key_path: "user.key" },
};

/** A server with all policies, and a home that trusts it. */
async function openBench(name = "asyncua") {
  await provision();
  await using opened = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "opcua-security-" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.mkdir(`${folder}/home`);
  const authority = await TestAuthority.create("Users", "rsa");
  for (const name of ["user", "other"]) {
    const { certificate, privateKey } = await authority.issue({ commonName: name, usage: "client" });
    await Deno.writeTextFile(`${folder}/home/${name}.pem`, certificate);
    await Deno.writeTextFile(`${folder}/home/${name}.key`, privateKey, { mode: 0o600 });
  }
  const pem = await Deno.readTextFile(`${folder}/home/user.pem`);
  await Deno.writeFile(`${folder}/user.der`, Uint8Array.fromBase64(pem.replace(/-----[^-]+-----|\s/g, "")));
  const port = freePort();
  const [command = "", ...args] = SERVERS[name]?.(String(port), folder) ?? [];
  const { peer } = await PeerProcess.start(command, { args, ready: /^ready$/, timeoutMs: 60_000 });
  opened.use(peer);
  await Deno.copyFile(`${folder}/pki/certificate.der`, `${folder}/home/server.der`);
  const deps = fakeSourceDeps({ home: `${folder}/home` });
  const stack = opened.move();
  const nodes = [{ node_id: "nsu=urn:test:plant;s=Counter", sampling_interval_ms: 0 }];
  return {
    deps,
    source(block: Record<string, unknown>) {
      const settings = opcuaSettings.parse({
        server_certificate_path: "server.der",
        subscription: { publishing_interval_ms: 50 },
        nodes,
        ...block,
      });
      return opcuaAdapter().create(
        { name: "plant", endpoint: `opc.tcp://127.0.0.1:${port}`, labels: {}, settings },
        deps,
      );
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type Bench = Awaited<ReturnType<typeof openBench>>;

/** Connects and reads one value. */
async function reach(bench: Bench, block: Record<string, unknown>): Promise<void> {
  await using source = bench.source(block);
  await source.connect(AbortSignal.timeout(20_000));
  for await (const { readings } of source.batches(AbortSignal.timeout(20_000))) {
    if (readings.length > 0) return;
  }
  assert.fail(`no value with ${JSON.stringify(block)}`);
}

/** Milo shows no certificate over a channel without security, and without one there is nothing to sign. */
async function refused(attempt: Promise<void>): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.match(error.message, /a user certificate proves nothing; set another security_policy$/);
    return true;
  });
}

for (const name of Object.keys(SERVERS)) {
  Deno.test(`${name}: each of 11 pairs of policy and mode lets in each of three kinds of user, and values arrive`, async (test) => {
    await using bench = await openBench(name);
    let isFailed = false;
    for (const [security_policy, security_mode] of PAIRS) {
      for (const [user, settings] of Object.entries(USERS)) {
        const block = { security_policy, security_mode, ...settings };
        const isUnproven = name === "Milo" && `${security_policy} ${user}` === "None certificate";
        const isDone = await test.step(
          `${security_policy}, ${security_mode}, ${user}${isUnproven ? ", refused with what to do" : ""}`,
          () => isUnproven ? refused(reach(bench, block)) : reach(bench, block),
        );
        isFailed ||= !isDone;
      }
    }
    assert.deepEqual(
      new Set(bench.deps.log.lines.map(({ message }) => message.match(/^security_policy (\w+) is withdrawn/)?.[1])),
      new Set(["Basic128Rsa15", "Basic256"]),
    );
  });
}

Deno.test("asyncua: auto takes the strongest policy, and a user with another certificate is refused", async () => {
  await using bench = await openBench();
  await reach(bench, { security_policy: "auto", ...USERS.certificate });
  assert.deepEqual(bench.deps.log.lines.map(({ message }) => message), [
    "The line is secured with Aes256_Sha256_RsaPss, SignAndEncrypt",
  ]);
  const user = { user_certificate_path: "other.pem", user_private_key_path: "other.key" };
  await assert.rejects(reach(bench, { security_policy: "auto", ...user }), (error) => {
    assert.ok(error instanceof AuthError, String(error));
    assert.match(error.message, /^Cannot log in to opc\.tcp:.*the server refuses this user/);
    return true;
  });
});

Deno.test("Milo: variables of every depth, types, structures, names, and a deadband in percent", async () => {
  await using bench = await openBench("Milo");
  const plant = "0:Root/0:Objects/2:Plant";
  await using source = bench.source({
    security_policy: "auto",
    subscription: { publishing_interval_ms: 50, queue_size: 1000 },
    nodes: [
      { browse_path: plant, recursive: true, exclude: "*/2:Level*", sampling_interval_ms: 0 },
      { node_id: "nsu=urn:test:plant;s=Level", sampling_interval_ms: 0, deadband: { type: "percent", value: 5 } },
      { node_id: "i=2259", name: "state" },
      { node_id: "i=2260", name: "build" },
      { node_id: "nsu=urn:test:plant;s=Nowhere", name: "missing" },
    ],
  });
  await source.connect(AbortSignal.timeout(20_000));
  const found = new Map<string, OpcuaReading[]>();
  for await (const { readings } of source.batches(AbortSignal.timeout(20_000))) {
    for (const reading of readings as OpcuaReading[]) { // an OPC UA source makes only these
      const name = reading.tag.replace(plant, "");
      found.set(name, [...found.get(name) ?? [], reading]);
    }
    if ((found.get("nsu=urn:test:plant;s=Level")?.length ?? 0) >= 4 && found.size >= 11) break;
  }
  const text = (name: string) => found.get(name)?.[0]?.value.text;
  const counts = (found.get("/2:Counter") ?? []).map(({ value }) => value.number ?? NaN);
  // Milo looks at values by a timer: it may miss one, and never shows one twice or late.
  assert.ok(counts.every((count, i) => i === 0 || count > (counts[i - 1] ?? NaN)), counts.join());
  assert.deepEqual(
    ["Boolean", "Double", "UInt64", "String", "Guid", "Doubles", "Range"].map((name) => text(`/2:Values/2:${name}`)),
    [
      "true",
      "0.1",
      "18446744073709551615",
      "Größe 5 µm",
      "72962b91-fa75-4ae6-8d28-b404dc7daf63",
      "[1,-2.5]",
      '{"Low":-1,"High":1}',
    ],
  );
  assert.equal(text("state"), "Running_0");
  assert.match(text("build") ?? "", /^\{.*"SoftwareVersion":"/);
  const levels = (found.get("nsu=urn:test:plant;s=Level") ?? []).map(({ value }) => value.number ?? NaN);
  assert.ok(levels.every((level, i) => i === 0 || level - (levels[i - 1] ?? NaN) > 10), levels.join());
  const failed = bench.deps.events.flatMap((event) => event.kind === "tag_failed" ? [event.tag] : []);
  assert.deepEqual(failed, ["missing"]);
});
