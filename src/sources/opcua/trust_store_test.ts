import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { type KeyedCertificate, type LeafOptions, TestAuthority } from "../../../tests/peers/certificates.ts";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { systemClock } from "../../lib/clock.ts";
import type { CertificateRules } from "../../core/source.ts";
import { TrustStore } from "./trust_store.ts";

/** One key for all stores: making one takes long. */
const OWN_KEY = (await (await TestAuthority.create("Own", "rsa")).issue()).privateKey;

await hostNameAsked();

const URI = "urn:plant:press";
const RULES: CertificateRules = { verifyHostname: true, checkRevocation: "when_crl_present" };

interface Bench extends AsyncDisposable {
  readonly home: string;
  readonly authority: TestAuthority;
  readonly log: FakeLogger;
  /** A store as a connection opens it. */
  open(endpoint?: string, rules?: Partial<CertificateRules>): Promise<TrustStore>;
  /** Shows a certificate of the authority to a store, and gives the name of the status. */
  show(options: LeafOptions, endpoint?: string, rules?: Partial<CertificateRules>): Promise<Shown>;
  put(folder: string, text: string): Promise<void>;
}

interface Shown {
  readonly status: string;
  readonly message: string;
}

async function openBench(authority?: TestAuthority): Promise<Bench> {
  const home = await Deno.makeTempDir({ prefix: "opcua-store-" });
  const signer = authority ?? await TestAuthority.create("Plant");
  let count = 0;
  const log = new FakeLogger();
  const bench: Bench = {
    home,
    log,
    authority: signer,
    async open(endpoint = "opc.tcp://127.0.0.1:4840", rules = {}) {
      const options = { home, pinned: null, endpoint, clock: systemClock, log };
      const store = new TrustStore({ ...options, rules: { ...RULES, ...rules } });
      await store.manager.initialize();
      return store;
    },
    async show(options, endpoint, rules) {
      await using store = await bench.open(endpoint, rules);
      return await shownTo(store, await signer.issue({ uri: URI, ...options }));
    },
    async put(folder, text) {
      await Deno.mkdir(`${home}/certs/opcua/${folder}`, { recursive: true });
      await Deno.writeTextFile(`${home}/certs/opcua/${folder}/${count++}.pem`, text);
    },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
  await bench.put("own/private", OWN_KEY);
  await Deno.rename(`${home}/certs/opcua/own/private/0.pem`, `${home}/certs/opcua/own/private/private_key.pem`);
  await bench.put("trusted/certs", signer.certificate);
  await bench.put("trusted/crl", await signer.revocationList());
  return bench;
}

async function shownTo(store: TrustStore, { certificate }: Pick<KeyedCertificate, "certificate">): Promise<Shown> {
  const status = await store.manager.checkCertificate(Buffer.from(rawOf(certificate)));
  return { status: status.name, message: store.refusal()?.message ?? "" };
}

Deno.test("TrustStore accepts a certificate of an authority that names the host, however that is written", async () => {
  await using bench = await openBench();
  const hosts = ["PLC1.plant.local", "10.0.0.7", "fd00::7"];
  for (const host of ["plc1.plant.local", "Plc1.PLANT.local.", "10.0.0.7", "[fd00:0:0::7]"]) {
    const { status, message } = await bench.show({ hosts }, `opc.tcp://${host}:4840/path`);
    assert.equal(status, "Good", `${host}: ${message}`);
  }
});

const REFUSED: readonly (readonly [what: string, options: LeafOptions, status: string, message: RegExp])[] = [
  [
    "another host",
    { hosts: ["hmi.plant"] },
    "BadCertificateHostNameInvalid",
    /its certificate is made for hmi\.plant, and endpoint says 127\.0\.0\.1 .*Write one of its names in endpoint.*move certs\/opcua\/rejected\/.* to certs\/opcua\/trusted\/certs.*verify_hostname/,
  ],
  ["no host", { hosts: [] }, "BadCertificateHostNameInvalid", /made for none, and endpoint says/],
  [
    "clients",
    { usage: "client" },
    "BadCertificateUseNotAllowed",
    /is not one for servers.*Have the server's certificate/,
  ],
];
for (const [what, options, status, message] of REFUSED) {
  Deno.test(`TrustStore refuses a certificate that a trusted authority made for ${what}`, async () => {
    await using bench = await openBench();
    const shown = await bench.show(options);
    assert.equal(shown.status, status);
    assert.match(shown.message, message);
  });
}

Deno.test("TrustStore refuses a certificate that a trusted server signed as if it were an authority", async () => {
  await using bench = await openBench(await TestAuthority.create("Press", "ecdsa", "none"));
  const { status, message } = await bench.show({});
  assert.equal(status, "BadCertificateIssuerUseNotAllowed");
  assert.match(message, /signed with the certificate of CN=Press, which is no authority's/);
});

Deno.test("TrustStore accepts a certificate for another host once it is trusted by itself, or names do not count", async () => {
  await using bench = await openBench();
  const elsewhere = await bench.authority.issue({ uri: URI, hosts: ["behind.nat"] });
  {
    await using store = await bench.open();
    assert.equal((await shownTo(store, elsewhere)).status, "BadCertificateHostNameInvalid");
  }
  {
    await using store = await bench.open(undefined, { verifyHostname: false });
    assert.equal((await shownTo(store, elsewhere)).status, "Good");
  }
  const rejected = `${bench.home}/certs/opcua/rejected`;
  const [file, ...others] = [...Deno.readDirSync(rejected)];
  assert.deepEqual(others, []);
  await Deno.rename(`${rejected}/${file?.name}`, `${bench.home}/certs/opcua/trusted/certs/${file?.name}`);
  await using store = await bench.open();
  assert.equal((await shownTo(store, elsewhere)).status, "Good");
  await store.checkUri("urn:another");
});

Deno.test("TrustStore refuses a certificate of an authority that was made for another application than the server's", async () => {
  await using bench = await openBench();
  await using store = await bench.open();
  const certificate = await bench.authority.issue({ uri: URI });
  assert.equal((await shownTo(store, certificate)).status, "Good");
  await store.checkUri(URI);
  await assert.rejects(
    store.checkUri("urn:plant:oven"),
    /made for the application urn:plant:press, and the server calls itself urn:plant:oven \(BadCertificateUriInvalid/,
  );
});

function rawOf(pem: string): Uint8Array {
  return new X509Certificate(pem).raw;
}

const LISTS = "trusted/crl";
const DAY_MS = 86_400_000;

/** Takes the lists away that are there. */
async function withoutLists(bench: Bench): Promise<void> {
  await Deno.remove(`${bench.home}/certs/opcua/${LISTS}`, { recursive: true });
}

Deno.test("TrustStore warns of a revocation list that is overdue, and refuses by it where lists must always be current", async () => {
  await using bench = await openBench();
  await withoutLists(bench);
  await bench.put(LISTS, await bench.authority.revocationListUntil(new Date(Date.now() - DAY_MS)));
  assert.equal((await bench.show({})).status, "Good");
  const [warning, ...others] = bench.log.lines;
  assert.deepEqual(others, []);
  assert.equal(warning?.level, "warn");
  assert.match(
    warning?.message ?? "",
    /revocation list certs\/opcua\/trusted\/crl\/\d\.pem of CN=Plant is valid from .* and not now: a certificate that was revoked since is let in/,
  );
  const { status, message } = await bench.show({}, undefined, { checkRevocation: "always" });
  assert.equal(status, "BadCertificateRevocationUnknown");
  assert.match(message, /and not now, and check_revocation is always: get the authority's present list/);
  await bench.put(LISTS, await bench.authority.revocationList());
  assert.equal((await bench.show({}, undefined, { checkRevocation: "always" })).status, "Good");
});

Deno.test("TrustStore takes a revocation list that states no end as one that is current", async () => {
  await using bench = await openBench();
  await withoutLists(bench);
  await bench.put(LISTS, await bench.authority.revocationListUntil(undefined, "77"));
  assert.equal((await bench.show({}, undefined, { checkRevocation: "always" })).message, "");
});

Deno.test("TrustStore refuses a server while the only revocation list in its authority's name was signed by another", async () => {
  await using bench = await openBench();
  await withoutLists(bench);
  await bench.put(LISTS, await (await TestAuthority.create("Plant")).revocationList());
  const { status, message } = await bench.show({});
  assert.equal(status, "BadCertificateRevocationUnknown");
  assert.match(
    message,
    /the revocation list certs\/opcua\/trusted\/crl\/\d\.pem is not signed by the authority that it names/,
  );
});

Deno.test("TrustStore finds a certificate revoked by any list of its authority, whichever folder that is in", async () => {
  await using bench = await openBench();
  await bench.put("issuers/crl", await bench.authority.revocationList());
  const certificate = await bench.authority.issue({ uri: URI });
  await bench.put(LISTS, await bench.authority.revocationList(certificate.serialNumber));
  await using store = await bench.open();
  assert.equal((await shownTo(store, certificate)).status, "BadCertificateRevoked");
});

Deno.test("TrustStore asks for no revocation list where they are never checked, and names the missing one else", async () => {
  await using bench = await openBench();
  await withoutLists(bench);
  assert.equal((await bench.show({}, undefined, { checkRevocation: "never" })).status, "Good");
  const { status, message } = await bench.show({});
  assert.equal(status, "BadCertificateRevocationUnknown");
  assert.match(message, /revocation list is missing: put it into certs\/opcua\/trusted\/crl/);
});

Deno.test("TrustStore wants a revocation list of every authority up to the root", async () => {
  await using bench = await openBench();
  const cell = await bench.authority.subordinate("Cell");
  const leaf = await cell.issue({ uri: URI });
  const chain = new Uint8Array([...rawOf(leaf.certificate), ...rawOf(cell.certificate)]);
  const show = async () => {
    await using store = await bench.open(undefined, { checkRevocation: "always" });
    return (await store.manager.checkCertificate(Buffer.from(chain))).name;
  };
  await bench.put("trusted/certs", cell.certificate);
  assert.equal(await show(), "BadCertificateRevocationUnknown");
  await bench.put("issuers/crl", await cell.revocationList());
  assert.equal(await show(), "Good");
  await withoutLists(bench);
  assert.equal(await show(), "BadCertificateIssuerRevocationUnknown");
});

Deno.test("TrustStore makes its folders for their owner alone", async () => {
  await using bench = await openBench();
  await Deno.remove(`${bench.home}/certs`, { recursive: true });
  await using _store = await bench.open();
  const folders = ["", "/own", "/own/certs", "/own/private", "/trusted", "/trusted/certs", "/trusted/crl"];
  for (const folder of [...folders, "/issuers", "/issuers/certs", "/issuers/crl", "/rejected"]) {
    const { mode } = await Deno.stat(`${bench.home}/certs/opcua${folder}`);
    assert.equal((mode ?? 0) & 0o777, 0o700, folder);
  }
});

Deno.test("TrustStore keeps the newest hundred of the certificates that it turned away", async () => {
  await using bench = await openBench();
  const rejected = `${bench.home}/certs/opcua/rejected`;
  for (let i = 0; i < 100; i++) {
    await bench.put("rejected", "not looked at");
    const [last] = [...Deno.readDirSync(rejected)].map(({ name }) => name).sort((a, b) => parseInt(b) - parseInt(a));
    await Deno.utime(`${rejected}/${last}`, 1000 + i, 1000 + i);
  }
  const names = () => [...Deno.readDirSync(rejected)].map(({ name }) => name).sort((a, b) => parseInt(a) - parseInt(b));
  const [oldest, second] = names();
  await bench.show({ hosts: ["hmi.plant"] });
  assert.equal(names().length, 100);
  assert.ok(!names().includes(oldest ?? ""));
  assert.ok(names().includes(second ?? ""));
  assert.ok(names().some((name) => name.startsWith("hmi.plant[")));
});

Deno.test("TrustStore refuses a chain that is too long to be one, and keeps nothing of it", async () => {
  await using bench = await openBench();
  await using store = await bench.open();
  const leaf = rawOf((await bench.authority.issue({ uri: URI })).certificate);
  const chain = Buffer.concat(Array.from({ length: Math.ceil(33_000 / leaf.length) }, () => leaf));
  assert.equal((await store.manager.checkCertificate(chain)).name, "BadCertificateInvalid");
  assert.match(store.refusal()?.message ?? "", /is not valid: BadCertificateInvalid/);
  assert.deepEqual([...Deno.readDirSync(`${bench.home}/certs/opcua/rejected`)], []);
});
