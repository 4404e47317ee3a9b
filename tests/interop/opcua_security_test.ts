/** Every policy, mode and kind of user against a server by others: asyncua, in Python. */
import assert from "node:assert/strict";
import { AuthError } from "../../src/core/error.ts";
import { opcuaAdapter } from "../../src/sources/opcua/mod.ts";
import { POLICIES } from "../../src/sources/opcua/policies.ts";
import { opcuaSettings } from "../../src/sources/opcua/settings.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { freePort, PeerProcess } from "../peers/process.ts";
import { provision, PYTHON } from "../peers/provision.ts";

const SERVER = new URL("peers/opcua_asyncua_server.py", import.meta.url).pathname;

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
async function openBench() {
  await provision();
  await using opened = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "opcua-security-" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.mkdir(`${folder}/home`);
  const authority = await TestAuthority.create("Users", "rsa");
  for (const name of ["user", "other"]) {
    const { certificate, privateKey } = await authority.issue({ commonName: name, usage: "client" });
    await Deno.writeTextFile(`${folder}/home/${name}.pem`, certificate);
    await Deno.writeTextFile(`${folder}/home/${name}.key`, privateKey);
  }
  const pem = await Deno.readTextFile(`${folder}/home/user.pem`);
  await Deno.writeFile(`${folder}/user.der`, Uint8Array.fromBase64(pem.replace(/-----[^-]+-----|\s/g, "")));
  const port = freePort();
  const args = ["--port", String(port), "--pki", `${folder}/pki`, "--user-certificate", `${folder}/user.der`];
  const { peer } = await PeerProcess.start(PYTHON, { args: [SERVER, ...args], ready: /^ready$/ });
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

Deno.test("asyncua: each of 11 pairs of policy and mode lets in each of three kinds of user, and values arrive", async (test) => {
  await using bench = await openBench();
  for (const [security_policy, security_mode] of PAIRS) {
    for (const [user, settings] of Object.entries(USERS)) {
      const isDone = await test.step(
        `${security_policy}, ${security_mode}, ${user}`,
        () => reach(bench, { security_policy, security_mode, ...settings }),
      );
      assert.ok(isDone);
    }
  }
  assert.deepEqual(
    new Set(bench.deps.log.lines.map(({ message }) => message.match(/^security_policy (\w+) is withdrawn/)?.[1])),
    new Set(["Basic128Rsa15", "Basic256"]),
  );
});

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
