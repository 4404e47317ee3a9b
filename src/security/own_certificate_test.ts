import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { ownCertificate } from "./own_certificate.ts";

const HOSTS = ["press-hall", "localhost", "127.0.0.1", "::1"];
const DAY_MS = 86_400_000;

Deno.test("ownCertificate() makes one for its hosts, and keeps it for its owner alone", async () => {
  await using home = await tempHome();
  const nowMs = Date.UTC(2026, 5, 1);
  const made = await ownCertificate({ home: home.path, hosts: HOSTS, nowMs });
  const certificate = new X509Certificate(made.certificate);
  for (const host of ["press-hall", "localhost"]) assert.ok(certificate.checkHost(host), host);
  assert.ok(certificate.checkIP("127.0.0.1"));
  assert.equal(Deno.statSync(`${home.path}/certs/gui/key.pem`).mode! & 0o777, 0o600);
  assert.deepEqual(await ownCertificate({ home: home.path, hosts: HOSTS, nowMs: nowMs + 300 * DAY_MS }), made);
});

Deno.test("ownCertificate() makes another 30 days before it ends, for a new name, and in place of rubbish", async () => {
  await using home = await tempHome();
  const nowMs = Date.UTC(2026, 5, 1);
  const first = await ownCertificate({ home: home.path, hosts: HOSTS, nowMs });
  const renewed = await ownCertificate({ home: home.path, hosts: HOSTS, nowMs: nowMs + 368 * DAY_MS });
  assert.notEqual(renewed.certificate, first.certificate);
  const named = await ownCertificate({ home: home.path, hosts: [...HOSTS, "edge"], nowMs: nowMs + 368 * DAY_MS });
  assert.ok(new X509Certificate(named.certificate).checkHost("edge"));
  Deno.writeTextFileSync(`${home.path}/certs/gui/certificate.pem`, "rubbish");
  const mended = await ownCertificate({ home: home.path, hosts: HOSTS, nowMs });
  assert.match(mended.certificate, /BEGIN CERTIFICATE/);
});
