import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { loadText } from "../../tests/fakes/config_file.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { TestAuthority } from "../../tests/peers/certificates.ts";
import { TrustList } from "./trust_list.ts";

const source = (name: string, port: number) =>
  `  - name: ${name}
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:${port}
    opcua: { nodes: [{ node_id: i=2258 }] }
`;
const YAML = `version: 1
local_sink: { enabled: true }
sources:
${source("press", 4840)}${source("oven", 4841)}  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:1
    modbus: { registers: [{ name: r1, address: 1, data_type: uint16 }] }
`;

/** A list of which `woken` tells who was let try at once. Press showed `met`, which was turned away. */
async function bench() {
  const home = await tempHome();
  const loaded = await loadText(YAML);
  const woken: string[] = [];
  const clock = new FakeClock(Date.now() * 1000);
  const trust = new TrustList({
    home: home.path,
    clock,
    loaded: () => loaded,
    tryNow: (names) => woken.push(...names),
  });
  const authority = await TestAuthority.create("Plant");
  const met = new X509Certificate((await authority.issue()).certificate);
  const folder = `${home.path}/certs/opcua`;
  Deno.mkdirSync(`${folder}/rejected`, { recursive: true });
  Deno.writeFileSync(`${folder}/rejected/shown.der`, met.raw);
  const place = { endpoint: "opc.tcp://127.0.0.1:4840", time: new Date().toISOString() };
  const thumbprint = met.fingerprint.replaceAll(":", "").toLowerCase();
  Deno.writeTextFileSync(`${folder}/met.json`, JSON.stringify({ [thumbprint]: place }));
  const fingerprint = met.fingerprint256.replaceAll(":", "").toLowerCase();
  return {
    trust,
    woken,
    authority,
    fingerprint,
    home: home.path,
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

Deno.test("TrustList.move() lets the source try at once whose server showed what is trusted, and nobody at a refusal", async () => {
  await using it = await bench();
  it.trust.move(it.fingerprint, "rejected");
  assert.deepEqual(it.woken, []);
  it.trust.move(it.fingerprint, "trusted");
  assert.deepEqual(it.woken, ["press"]);
});

Deno.test("TrustList.add() lets every OPC UA source try at once, since an authority may vouch for any server", async () => {
  await using it = await bench();
  it.trust.add(new TextEncoder().encode(it.authority.certificate));
  assert.deepEqual(it.woken, ["press", "oven"]);
});

Deno.test("TrustList.move() writes a certificate anew that a full disk left torn where it is trusted", async () => {
  await using it = await bench();
  it.trust.move(it.fingerprint, "trusted");
  it.trust.move(it.fingerprint, "rejected");
  Deno.writeFileSync(`${it.home}/certs/opcua/trusted/certs/${it.fingerprint}.der`, new Uint8Array([0x30, 0x82]));
  it.trust.move(it.fingerprint, "trusted");
  assert.deepEqual(it.trust.all().map(({ state }) => state), ["trusted"]);
});
