/** Whom the OPC UA source trusts, and which certificate it shows, against a server in this process. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { AuthError } from "../../src/core/error.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { opcuaAdapter } from "../../src/sources/opcua/mod.ts";
import { type FakeSourceDeps, fakeSourceDeps } from "../fakes/source_deps.ts";
import { type KeyedCertificate, TestAuthority } from "../peers/certificates.ts";
import { NAMESPACE, startOpcuaServer } from "../peers/opcua_server.ts";
import { freePort } from "../peers/process.ts";
import { type Block, connect, read, settings } from "./opcua_bench.ts";

const DAY_US = 86_400_000_000;
const OWN = "certs/opcua/own/certs/iot-connector.pem";
const SECURE = { security_policy: "Basic256Sha256" };

interface Bench extends AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly deps: FakeSourceDeps;
  readonly authority: TestAuthority;
  /** A server with a certificate of its own, of the authority, or one that it makes. */
  start(certificate?: KeyedCertificate): ReturnType<typeof startOpcuaServer>;
  /** Connects and reads a value. `dayOffset`: how far the connector's clock is ahead. */
  reach(block?: Block, dayOffset?: number): Promise<void>;
  /** Puts a text into a folder of the trust store. */
  put(folder: string, text: string): Promise<void>;
}

async function openBench(options: Parameters<typeof startOpcuaServer>[0] = {}): Promise<Bench> {
  await using opened = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "opcua-trust-" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  const home = `${folder}/home`;
  await Deno.mkdir(home);
  const deps = fakeSourceDeps({ home });
  const port = freePort();
  const stack = opened.move();
  let count = 0;
  return {
    folder,
    home,
    deps,
    authority: await TestAuthority.create("Plant", "rsa"),
    async start(certificate) {
      const files = { certificateFile: `${folder}/server.pem`, privateKeyFile: `${folder}/server.key` };
      if (certificate) {
        await Deno.writeTextFile(files.certificateFile, certificate.certificate);
        await Deno.writeTextFile(files.privateKeyFile, certificate.privateKey);
      }
      const pki = `${folder}/pki`;
      return await startOpcuaServer({
        port,
        intervalMs: 20,
        pki,
        ...certificate ? { certificate: files } : {},
        ...options,
      });
    },
    async reach(block = SECURE, dayOffset = 0) {
      const clock = { ...systemClock, nowUs: () => systemClock.nowUs() + dayOffset * DAY_US };
      const config = { name: "press", endpoint: `opc.tcp://127.0.0.1:${port}`, labels: {}, settings: settings(block) };
      await using source = opcuaAdapter().create(config, { ...deps, clock });
      await connect(source);
      await read(source, (readings) => readings.length > 0);
    },
    async put(kind, text) {
      await Deno.mkdir(`${home}/certs/opcua/${kind}`, { recursive: true });
      await Deno.writeTextFile(`${home}/certs/opcua/${kind}/${count++}.pem`, text);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function issued(authority: TestAuthority): Promise<KeyedCertificate> {
  return authority.issue({ uri: NAMESPACE, commonName: "server" });
}

async function trustRejected(pki: string): Promise<void> {
  for await (const { name } of Deno.readDir(`${pki}/rejected`)) {
    await Deno.rename(`${pki}/rejected/${name}`, `${pki}/trusted/certs/${name}`);
  }
}

function thumbprint(path: string): string {
  return new X509Certificate(Deno.readTextFileSync(path)).fingerprint;
}

Deno.test("OpcuaSource trusts a server by its authority and the revocation list of that, and says what is missing", async () => {
  await using bench = await openBench();
  const certificate = await issued(bench.authority);
  await using _server = await bench.start(certificate);
  await assert.rejects(
    bench.reach(),
    /authority that signed its certificate is not known: .*BadCertificateChainIncomplete/,
  );
  await bench.put("trusted/certs", bench.authority.certificate);
  await assert.rejects(bench.reach(), /revocation list is missing: put it into certs\/opcua\/trusted\/crl/);
  await bench.put("trusted/crl", await bench.authority.revocationList("7777"));
  await bench.reach();
});

Deno.test("OpcuaSource refuses a server whose authority revoked its certificate, or is not trusted itself", async () => {
  await using bench = await openBench();
  const certificate = await issued(bench.authority);
  await using _server = await bench.start(certificate);
  await bench.put("trusted/certs", bench.authority.certificate);
  await bench.put("trusted/crl", await bench.authority.revocationList(certificate.serialNumber));
  await assert.rejects(
    bench.reach(),
    (error) => error instanceof AuthError && /has revoked its certificate/.test(error.message),
  );
  await Deno.remove(`${bench.home}/certs/opcua/trusted`, { recursive: true });
  await bench.put("issuers/certs", bench.authority.certificate);
  await bench.put("issuers/crl", await bench.authority.revocationList());
  await assert.rejects(bench.reach(), /its certificate is not trusted \(BadCertificateUntrusted/);
});

Deno.test("OpcuaSource refuses a server with a certificate that its authority made for another host or application, before it logs in", async () => {
  await using bench = await openBench();
  await bench.put("trusted/certs", bench.authority.certificate);
  await bench.put("trusted/crl", await bench.authority.revocationList());
  for (
    const [certificate, message] of [
      [{ uri: NAMESPACE, hosts: ["hmi.plant"] }, /made for hmi\.plant, and endpoint says 127\.0\.0\.1/],
      [
        { uri: "urn:plant:hmi" },
        /made for the application urn:plant:hmi, and the server calls itself urn:iot-connector/,
      ],
    ] as const
  ) {
    await using server = await bench.start(await bench.authority.issue(certificate));
    await assert.rejects(bench.reach(), (error) => error instanceof AuthError && message.test(error.message));
    assert.equal(server.sessions, 0);
    await trustRejected(`${bench.home}/certs/opcua`);
    await bench.reach();
  }
});

Deno.test("OpcuaSource connects with a pinned certificate of an authority, whatever else it knows of that", async () => {
  await using bench = await openBench();
  const certificate = await issued(bench.authority);
  await using _server = await bench.start(certificate);
  await Deno.writeTextFile(`${bench.home}/server.pem`, certificate.certificate);
  await bench.reach({ ...SECURE, server_certificate_path: "server.pem" });
});

Deno.test("OpcuaSource refuses a server that comes back with another certificate, until that is trusted", async () => {
  await using bench = await openBench();
  for (let time = 0; time < 2; time++) {
    await using _server = await bench.start(
      time === 0 ? undefined : await issued(await TestAuthority.create("New", "rsa")),
    );
    await assert.rejects(bench.reach(), AuthError);
    if (time > 0) continue;
    await trustRejected(`${bench.home}/certs/opcua`);
    await bench.reach();
  }
});

Deno.test("OpcuaSource makes its certificate anew a month before it ends, and shows the old one while the new one is not trusted", async () => {
  await using bench = await openBench({ isStrict: true });
  {
    await using _server = await bench.start();
    await assert.rejects(bench.reach(), AuthError);
    await trustRejected(`${bench.home}/certs/opcua`);
    await assert.rejects(bench.reach(), /the server refuses our application certificate/);
  }
  await trustRejected(`${bench.folder}/pki/server`);
  await using _server = await bench.start();
  await bench.reach();
  const first = thumbprint(`${bench.home}/${OWN}`);
  await bench.reach(SECURE, 365 * 5 - 20);
  const second = thumbprint(`${bench.home}/${OWN}`);
  assert.notEqual(second, first);
  assert.equal(thumbprint(`${bench.home}/certs/opcua/own/certs/iot-connector-former.pem`), first);
  const warnings = bench.deps.log.lines.map(({ message }) => message);
  assert.match(
    warnings[0] ?? "",
    /^Our OPC UA certificate ends on \d{4}-\d\d-\d\d; a new one was made: trust certs\/opcua\/own/,
  );
  assert.equal(warnings[1], `The server does not trust our new certificate yet: trust ${OWN} at it`);
});

Deno.test("OpcuaSource makes one certificate for all sources that start at the same time", async () => {
  await using bench = await openBench();
  await using _server = await bench.start();
  await Promise.allSettled([bench.reach(), bench.reach(), bench.reach()]);
  const names = [...Deno.readDirSync(`${bench.home}/certs/opcua/own/certs`)].map(({ name }) => name);
  assert.deepEqual(names, ["iot-connector.pem"]);
  await trustRejected(`${bench.home}/certs/opcua`);
  await bench.reach({ security_policy: "auto" });
});

Deno.test("OpcuaSource warns of private keys that other users may read", async () => {
  await using bench = await openBench();
  const keys = { private_key_path: "own.key", user_private_key_path: "user.key" };
  for (const path of Object.values(keys)) {
    await Deno.writeTextFile(`${bench.home}/${path}`, "none");
    await Deno.chmod(`${bench.home}/${path}`, 0o640);
  }
  await assert.rejects(
    bench.reach({ ...SECURE, ...keys, certificate_path: "own.pem", user_certificate_path: "user.pem" }),
  );
  assert.deepEqual(bench.deps.log.lines.map(({ message }) => message.match(/private key of \S+, \S+, may/)?.[0]), [
    "private key of private_key_path, own.key, may",
    "private key of user_private_key_path, user.key, may",
  ]);
});
