/** Certificates over the API: read before they are kept, listed with what is wrong, and never a key. */
import assert from "node:assert/strict";
import { apiStand } from "../../../tests/fakes/api_stand.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { TestAuthority } from "../../../tests/peers/certificates.ts";

/** Made with `openssl pkcs12 -export` of a key that is used nowhere; its password is Wörd1. */
const PKCS12 =
  "MIIETAIBAzCCBAIGCSqGSIb3DQEHAaCCA/MEggPvMIID6zCCAqIGCSqGSIb3DQEHBqCCApMwggKPAgEAMIICiAYJKoZIhvcNAQcBMFcGCSqGSI" +
  "b3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgjmW0fqEkiNAICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEMZBJk1C5DL9ptwZAHF2flCA" +
  "ggIgtF0GR7KdK4i9O1wOFTX4Ll0jPRifErmcXQhIVeXAFzxoxGohewn/9o/h0NezgW+uNlSxMLzM3X1SCT8BEwVhQ8BZa8dmJkUy3iA0TM1Tpi" +
  "0rraJoRkh1xuymZTasMG+UxS5eTZPCDZyoj+veYoj6764bBykmeo9BcdME0nBU0OB7ONnqHEOKQajhC+wgu9VI4zffrVhgq7L4/XY/ZLQlBppT" +
  "ndemIptvwov7zgafxsiKsrbEnYhNSd9Une9e0KUyx7Rc9ictJq1Uwvw9Bu0hM7u2JSrC8EeJSW9i0FmDyKFlFnVhZWqcCv8UBJdxdA3i8vudJa" +
  "6N+REKP6pb4qpsmTkJZasfvbgKjrUyl8a1iyLKz6blzG/MUs44ngYLmp55MI6NoHx3t6EUhs9pmtgEJMxR7Mb3yTjl4r+nyxLUqUSbNNBWugoO" +
  "BqDxuHNtoHWFx88TbPkrbJyiHv+Hnf8gz+G+K+2FQS4hOvZjOmeFJu66vYPLLoOXyWP8TpSPL7UkToMmhPLT+3nSkrHcN4vx7f77/ohQylXcnu" +
  "EUFcP1hXf6x5MKdG+tPK7Ut+vZa2XLHbreGFHsIXOgekB7KOYOWm0T6jbn11WzHrmdb2WY15mVzgj0JII1RCPr/NkzPLvAhXAjV22Wbv/39E2W" +
  "y1W0cqMRVqWGTm0VtGVwaF3dUdPT/Z8VvDsEEoY9FTdIFpt6E6PUzYdo2MNzuVoKdvJl/zCCAUEGCSqGSIb3DQEHAaCCATIEggEuMIIBKjCCAS" +
  "YGCyqGSIb3DQEMCgECoIHvMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiLclxclU5wjwICCAAwDAYIKoZIhvcNAgkFADAdBglg" +
  "hkgBZQMEASoEEOyI4xevpsM6acoDM5V/EAsEgZC1C1i2w+loBgcEKLZyQh1OxOTUkCcJvrU/MPMIJL0Lcof7L3IJ5BDbj9fgfGzIX7mHfg07kO" +
  "s17Ux7FIZmrpoVmmbtfydIELOIyPKh1gsHE+DAB0zYoI0Hn0cK/OyhsU11VO2BmJpUPsGbRa8SyyfvPpRWyvfnGAn5KQ5smexy6PT8myLoMtP3" +
  "3bgp2cEB1B0xJTAjBgkqhkiG9w0BCRUxFgQUGgDeNATCfOT+DpUYBsrnYPUfg88wQTAxMA0GCWCGSAFlAwQCAQUABCALmKcMMwxA7r/5On7acw" +
  "DrZOfKS9x+A1U8z9L8/wMchwQIxMaxAn+Mm4QCAggA";

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

async function bench() {
  const it = await apiStand({ clock: new FakeClock(Date.now() * 1000) });
  return { ...it, admin: await it.login("administrator"), viewer: await it.login("viewer") };
}

Deno.test("A PKCS#12 file is read with its password before it is kept, and its key is not told", async () => {
  await using it = await bench();
  const wrong = await it.admin("POST", "/api/certs/read", { body: { file: PKCS12, password: "word" } });
  assert.deepEqual([wrong.status, wrong.body.code], [422, "pkcs12_password"]);
  const body = { file: PKCS12, password: "Wörd1" };
  const read = await it.admin("POST", "/api/certs/read", { body });
  assert.deepEqual([read.body.certificate.subject, read.body.has_key], ["O=Plant, CN=press", true]);
  assert.equal((await it.admin("GET", "/api/certs")).body.total, 0, "nothing was kept");
  assert.equal((await it.viewer("POST", "/api/certs/read", { body })).status, 403);
  const kept = await it.admin("POST", "/api/certs/import", { body });
  const [certificate, key] = kept.body.items;
  assert.deepEqual([certificate.kind, key.kind, certificate.public_key === key.public_key], [
    "certificate",
    "key",
    true,
  ]);
  const secret = Deno.readTextFileSync(`${it.home}/${key.path}`).split("\n")[1]!;
  const told = [read, kept, await it.admin("GET", "/api/certificates"), await it.admin("GET", "/api/audit")];
  for (const { body } of told) assert.ok(!JSON.stringify(body).includes(secret));
  assert.ok(!JSON.stringify(told.at(-1)?.body).includes("Wörd1"));
});

Deno.test("What is wrong with a file is told before it is kept: its key, its end, its use", async () => {
  await using it = await bench();
  const authority = await TestAuthority.create("Plant");
  const days = 90;
  const [one, other, old] = [
    await authority.issue({ days }),
    await authority.issue({ days }),
    await authority.issue({ days: 3 }),
  ];
  const faults = async (text: string) =>
    (await it.admin("POST", "/api/certs/read", { body: { file: base64(text) } })).body.faults.map(
      ({ level, text }: { level: string; text: string }) => `${level}: ${text}`,
    );
  assert.deepEqual(await faults(one.certificate + one.privateKey), []);
  assert.deepEqual(await faults(one.certificate + other.privateKey), [
    "bad: The private key in the file belongs to another certificate: they do not work together",
  ]);
  assert.match((await faults(old.certificate))[0], /^bad: It ends on \d{4}-\d\d-\d\d: have a new one made$/);
  const broken = await it.admin("POST", "/api/certs/read", { body: { file: base64("rubbish") } });
  assert.deepEqual([broken.status, broken.body.code], [422, "no_certificate"]);
});

Deno.test("Our own certificate is had as DER and PEM, and of what there is not yet that it comes", async () => {
  await using it = await bench();
  assert.equal((await it.viewer("GET", "/api/certificates/own/gui")).status, 404);
  const { certificate } = await (await TestAuthority.create("Own")).issue();
  Deno.mkdirSync(`${it.home}/certs/gui`, { recursive: true });
  Deno.writeTextFileSync(`${it.home}/certs/gui/certificate.pem`, certificate);
  const { body, headers } = await it.viewer("GET", "/api/certificates/own/gui?form=pem");
  assert.equal(body.replace(/\s/g, ""), certificate.replace(/\s/g, ""));
  assert.match(headers.get("content-disposition") ?? "", /^attachment; filename="iot-connector-gui\.pem"$/);
  const [item] = (await it.viewer("GET", "/api/certificates")).body.items;
  assert.deepEqual([item.origin, item.kind, item.used_by], ["own_gui", "certificate", []]);
});

Deno.test("A revocation list takes the place of the older one of its authority, and no newer one's", async () => {
  await using it = await bench();
  const authority = await TestAuthority.create("Plant", "rsa");
  const headers = { "content-type": "application/octet-stream" };
  const give = (body: string) => it.admin("POST", "/api/revocation-lists?folder=issuer", { body, headers });
  assert.equal((await give("rubbish")).body.code, "no_revocation_list");
  assert.equal((await give(await authority.revocationList())).body.code, "revocation_list_unsigned");
  const trusted = await it.admin("POST", "/api/trust", { body: authority.certificate, headers });
  assert.equal(trusted.status, 201);
  const { serialNumber } = await authority.issue();
  const first = await give(await authority.revocationList(serialNumber));
  assert.deepEqual([first.status, first.body.issuer, first.body.revoked, first.body.folder], [
    201,
    "CN=Plant",
    1,
    "issuer",
  ]);
  const second = await give(await authority.revocationList());
  assert.ok([201, 409].includes(second.status));
  const { items } = (await it.viewer("GET", "/api/revocation-lists")).body;
  assert.equal(items.length, 1);
  assert.equal((await it.admin("DELETE", `/api/revocation-lists/${items[0].id}`)).status, 204);
  assert.equal((await it.admin("DELETE", `/api/revocation-lists/${items[0].id}`)).status, 404);
});
