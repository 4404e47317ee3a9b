import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { TestAuthority } from "../../tests/peers/certificates.ts";
import { RevocationLists } from "./certificate_revocations.ts";

const DAY_MS = 86_400_000;

Deno.test("RevocationLists.add() writes a list anew that a full disk left torn, so that its authority is not without one", async () => {
  await using it = await bench();
  const [older, newer] = [await it.list("01"), await it.list("01", "02")];
  const { id } = await it.lists.add(newer, "trusted");
  const path = `${it.home}/certs/opcua/trusted/crl/${id}.crl`;
  Deno.writeFileSync(path, Deno.readFileSync(path).subarray(0, 50));
  await it.lists.add(older, "trusted");
  await it.lists.add(newer, "trusted");
  assert.deepEqual((await it.lists.all()).map((each) => each.id), [id]);
});

Deno.test("RevocationLists.add() takes no list that somebody else made in an authority's name: the authority's own stays", async () => {
  await using it = await bench();
  const { id } = await it.lists.add(await it.list("01"), "trusted");
  const other = await TestAuthority.create("Plant");
  const forged = await other.revocationList();
  await assert.rejects(it.lists.add(bytes(forged), "trusted"), { code: "revocation_list_unsigned" });
  assert.deepEqual((await it.lists.all()).map((each) => each.id), [id]);
  it.known.push(other); // a second authority of the same name, as after a change of keys: each has its list
  await it.lists.add(bytes(forged), "trusted");
  assert.equal((await it.lists.all()).length, 2);
});

Deno.test("RevocationLists.add() takes no list of a certificate that may not sign it, and none in another's name", async () => {
  await using it = await bench();
  const server = await TestAuthority.create("Press", "ecdsa", "none");
  const other = await TestAuthority.create("Cell", "ecdsa", "no lists");
  const impostor = await TestAuthority.create("Hall");
  it.known.push(server, other, impostor);
  const lists = [
    await server.revocationList(),
    await other.revocationList(),
    await impostor.revocationListAs("Plant"),
  ];
  for (const list of lists) {
    await assert.rejects(it.lists.add(bytes(list), "trusted"), { code: "revocation_list_unsigned" });
  }
});

Deno.test("RevocationLists.add() takes no list from the future, which would keep all that come until then away", async () => {
  await using it = await bench(Date.now() - 3 * DAY_MS);
  await assert.rejects(it.lists.add(await it.list(), "trusted"), { code: "revocation_list_from_future" });
  assert.deepEqual(await it.lists.all(), []);
});

async function bench(nowMs = Date.now()) {
  const home = await tempHome();
  const authority = await TestAuthority.create("Plant");
  const known = [authority];
  const trust = { authorities: () => known.map(({ certificate }) => new X509Certificate(certificate).raw) };
  return {
    home: home.path,
    known,
    lists: new RevocationLists({ home: home.path, clock: new FakeClock(nowMs * 1000), trust }),
    list: async (...revoked: string[]) => bytes(await authority.revocationList(...revoked)),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

function bytes(pem: string): Uint8Array {
  return new TextEncoder().encode(pem);
}
