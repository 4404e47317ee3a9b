import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { type KeyedCertificate, type LeafOptions, TestAuthority } from "../../../tests/peers/certificates.ts";
import type { CertificateRules } from "../../core/source.ts";
import { TrustStore } from "./trust_store.ts";

const URI = "urn:plant:press";
const RULES: CertificateRules = { verifyHostname: true, checkRevocation: "when_crl_present" };

interface Bench extends AsyncDisposable {
  readonly home: string;
  readonly authority: TestAuthority;
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
  const bench: Bench = {
    home,
    authority: signer,
    async open(endpoint = "opc.tcp://127.0.0.1:4840", rules = {}) {
      const store = new TrustStore({ home, pinned: null, endpoint, rules: { ...RULES, ...rules } });
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
  await bench.put("own/private", await ownKey());
  await Deno.rename(`${home}/certs/opcua/own/private/0.pem`, `${home}/certs/opcua/own/private/private_key.pem`);
  await bench.put("trusted/certs", signer.certificate);
  await bench.put("trusted/crl", await signer.revocationList());
  return bench;
}

/** One key for all stores: making one takes long. */
let ownKeyText: Promise<string> | undefined;

function ownKey(): Promise<string> {
  return ownKeyText ??= TestAuthority.create("Own", "rsa").then(async (own) => (await own.issue()).privateKey);
}

async function shownTo(store: TrustStore, { certificate }: Pick<KeyedCertificate, "certificate">): Promise<Shown> {
  const status = await store.manager.checkCertificate(new X509Certificate(certificate).raw);
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
  await using bench = await openBench(await TestAuthority.create("Press", "ecdsa", false));
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
