import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { systemClock } from "../../lib/clock.ts";
import { type OwnCertificate, ownCertificates, type Workshop } from "./own_certificate.ts";
import { opcuaSettings } from "./settings.ts";
import { TrustStore } from "./trust_store.ts";

const DAY_US = 86_400_000_000;
const YEARS_LATER = 5 * 365 - 20;
const SETTINGS = opcuaSettings.parse({});
const PRIVATE = "certs/opcua/own/private";

await hostNameAsked();

interface Bench extends AsyncDisposable {
  readonly home: string;
  /** Our certificates on a day, counted from now. */
  on(day: number): Promise<readonly OwnCertificate[]>;
}

async function openBench(): Promise<Bench> {
  const home = await Deno.makeTempDir({ prefix: "opcua-own-" });
  return {
    home,
    async on(day) {
      const clock = { ...systemClock, nowUs: () => systemClock.nowUs() + day * DAY_US };
      const log = new FakeLogger();
      const rules = { verifyHostname: true, checkRevocation: "always" } as const;
      await using store = new TrustStore({ home, pinned: null, endpoint: "opc.tcp://127.0.0.1:1", rules, clock, log });
      const workshop: Workshop = { manager: store.manager, deps: { home, clock, log, edgeId: "e" } };
      return await ownCertificates(SETTINGS, workshop);
    },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

function certificateOf({ certificateFile }: OwnCertificate): X509Certificate {
  return new X509Certificate(Deno.readTextFileSync(certificateFile));
}

function isPair(own: OwnCertificate): boolean {
  return certificateOf(own).checkPrivateKey(createPrivateKey(Deno.readTextFileSync(own.privateKeyFile)));
}

Deno.test("ownCertificates() makes a key with each certificate, and keeps that of the former one", async () => {
  await using bench = await openBench();
  const [first, ...none] = await bench.on(0);
  assert.deepEqual(none, []);
  const pairs = await bench.on(YEARS_LATER);
  assert.deepEqual(pairs.map(isPair), [true, true]);
  const [current, former] = pairs;
  assert.equal(former?.privateKeyFile, first?.privateKeyFile);
  assert.notEqual(current?.privateKeyFile, first?.privateKeyFile);
  for (const { privateKeyFile } of pairs) assert.equal((Deno.statSync(privateKeyFile).mode ?? 0) & 0o777, 0o600);
});

Deno.test("ownCertificates() deletes a key once its certificate has been replaced twice", async () => {
  await using bench = await openBench();
  const [first] = await bench.on(0);
  await bench.on(YEARS_LATER);
  await bench.on(2 * YEARS_LATER);
  assert.throws(() => Deno.statSync(first?.privateKeyFile ?? ""), Deno.errors.NotFound);
  const keys = [...Deno.readDirSync(`${bench.home}/${PRIVATE}`)].filter(({ name }) => name !== "private_key.pem");
  assert.equal(keys.length, 2);
});

Deno.test("ownCertificates() makes certificate and key anew where the certificate was taken away", async () => {
  await using bench = await openBench();
  const [first] = await bench.on(0);
  await Deno.remove(first?.certificateFile ?? "");
  const [second] = await bench.on(0);
  assert.ok(second && isPair(second));
  assert.notEqual(second.privateKeyFile, first?.privateKeyFile);
});

Deno.test("ownCertificates() goes on with a certificate that was made with the folder's one key", async () => {
  await using bench = await openBench();
  const [first] = await bench.on(0);
  await Deno.rename(first?.privateKeyFile ?? "", `${bench.home}/${PRIVATE}/private_key.pem`);
  const [own] = await bench.on(1);
  assert.equal(own?.privateKeyFile, `${bench.home}/${PRIVATE}/private_key.pem`);
  assert.ok(own && isPair(own));
});
