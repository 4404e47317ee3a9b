import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { loadText } from "../../tests/fakes/config_file.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { TestAuthority } from "../../tests/peers/certificates.ts";
import { certificateServices } from "./certificate_services.ts";

const YAML = `version: 1
local_sink: { enabled: true }
security: { ca_bundle_path: bundle.pem }
sources:
  - name: press
    protocol: opcua
    endpoint: opc.tcp://127.0.0.1:4840
    opcua: { certificate_path: app.pem, private_key_path: other.key, nodes: [{ node_id: i=2258 }] }
  - name: oven
    protocol: mqtt
    endpoint: mqtts://127.0.0.1:8883
    mqtt: { tls: { client_cert_path: .//./client.pem, client_key_path: client.key }, topics: [{ topic: a }] }
`;

async function bench() {
  const home = await tempHome();
  const loaded = await loadText(YAML);
  const clock = new FakeClock(Date.now() * 1000);
  const services = certificateServices({ home: home.path, clock, loaded: () => loaded, tryNow: () => {} });
  const write = (path: string, text: string) => Deno.writeTextFileSync(`${home.path}/${path}`, text);
  return { ...services, clock, write, home: home.path, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

Deno.test("CertificateInventory tells of each file what names it, and what is wrong with it for that", async () => {
  await using it = await bench();
  const authority = await TestAuthority.create("Plant", "rsa");
  const [app, client] = [await authority.issue({ days: 90 }), await authority.issue({ usage: "client", days: 90 })];
  it.write("bundle.pem", app.certificate);
  it.write("app.pem", app.certificate);
  it.write("other.key", client.privateKey);
  it.write("client.pem", client.certificate + authority.certificate);
  const items = new Map((await it.inventory.all()).map((item) => [item.path, item]));
  assert.deepEqual([...items.keys()], ["bundle.pem", "app.pem", "other.key", "client.pem", "client.key"]);
  const faults = (path: string) => items.get(path)?.faults.map(({ text }) => text).join("\n") ?? "";
  assert.match(faults("bundle.pem"), /^It is no authority/);
  assert.match(
    faults("app.pem"),
    /no application URI.*\n(.*\n)*The key other\.key, set beside sources\.press\.opcua\.certificate_path, is that of another/,
  );
  assert.match(faults("client.key"), /^It cannot be read/);
  assert.deepEqual(items.get("client.pem")?.used_by, ["sources.oven.mqtt.tls.client_cert_path"]);
  assert.equal(items.get("client.pem")?.certificate?.chain, 2);
  assert.deepEqual([items.get("other.key")?.kind, faults("other.key")], ["key", ""]);
  assert.deepEqual(it.inventory.usersOf("bundle.pem"), ["security.ca_bundle_path"]);
  assert.deepEqual(it.inventory.usersOf("certs/uploads/other.pem"), []);
  // However it is written, it is that file.
  assert.deepEqual(it.inventory.usersOf("client.pem"), ["sources.oven.mqtt.tls.client_cert_path"]);
});

Deno.test("CertificateInventory warns a month before the end, and more a week before it", async () => {
  await using it = await bench();
  const { certificate } = await (await TestAuthority.create("Plant")).issue({ days: 100 });
  await it.certificates.add(new TextEncoder().encode(certificate));
  const level = async () => (await it.inventory.all()).find(({ origin }) => origin === "upload")?.faults[0]?.level;
  assert.equal(await level(), undefined);
  await it.clock.advance(71 * 86_400_000);
  assert.equal(await level(), "warn");
  await it.clock.advance(23 * 86_400_000);
  assert.equal(await level(), "bad");
  await it.clock.advance(7 * 86_400_000);
  assert.match(
    (await it.inventory.all()).find(({ origin }) => origin === "upload")?.faults[0]?.text ?? "",
    /^It ended on/,
  );
});

Deno.test("CertificateInventory has the certificates of servers that are trusted, with the sources that met them", async () => {
  await using it = await bench();
  const { certificate } = await (await TestAuthority.create("Plant", "rsa")).issue({ uri: "urn:press" });
  const { fingerprint, thumbprint } = it.trust.add(new TextEncoder().encode(certificate));
  Deno.writeTextFileSync(
    `${it.home}/certs/opcua/met.json`,
    JSON.stringify({ [thumbprint]: { endpoint: "opc.tcp://127.0.0.1:4840", time: "2026-01-01T00:00:00.000Z" } }),
  );
  const item = (await it.inventory.all()).find(({ origin }) => origin === "server");
  assert.deepEqual([item?.path, item?.used_by], [fingerprint, ["press"]]);
});

Deno.test("CertificateInventory leaves out our former OPC UA certificate once it has ended: nobody can renew it", async () => {
  await using it = await bench();
  const folder = "certs/opcua/own/certs";
  Deno.mkdirSync(`${it.home}/${folder}`, { recursive: true });
  const authority = await TestAuthority.create("Plant", "rsa");
  it.write(`${folder}/iot-connector.pem`, (await authority.issue({ days: 90 })).certificate);
  it.write(`${folder}/iot-connector-former.pem`, (await authority.issue({ days: 5 })).certificate);
  const own = async () => (await it.inventory.all()).filter(({ origin }) => origin === "own_opcua").length;
  assert.equal(await own(), 2);
  await it.clock.advance(6 * 86_400_000);
  assert.equal(await own(), 1);
});

Deno.test("CertificateInventory tells of a damaged upload, which hides no other and can be removed", async () => {
  await using it = await bench();
  const { certificate, privateKey } = await (await TestAuthority.create("Plant")).issue();
  const [whole, key] = await it.certificates.add(new TextEncoder().encode(certificate + privateKey));
  const torn = certificate.slice(0, 200);
  it.write("certs/uploads/0123456789abcdef.certificate.pem", torn);
  it.write("certs/uploads/0123456789abcdef.key.pem", torn);
  it.write(
    "certs/uploads/fedcba9876543210.certificate.pem",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  );
  const items = new Map((await it.inventory.all()).map((item) => [item.path, item]));
  assert.equal([...items.keys()].filter((path) => path.startsWith("certs/uploads/")).length, 5);
  assert.ok(items.get(whole.path)?.certificate);
  const [fault] = items.get("certs/uploads/fedcba9876543210.certificate.pem")?.faults ?? [];
  assert.match(fault?.text ?? "", /cannot be read/);
  it.certificates.remove("0123456789abcdef");
  it.certificates.remove("0123456789abcdef");
  it.certificates.remove("fedcba9876543210");
  const left = it.certificates.all().map(({ path }) => path).sort();
  assert.deepEqual(left, [whole.path, key?.path].sort());
});
