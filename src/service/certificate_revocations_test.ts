import assert from "node:assert/strict";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { TestAuthority } from "../../tests/peers/certificates.ts";
import { RevocationLists } from "./certificate_revocations.ts";

Deno.test("RevocationLists.add() writes a list anew that a full disk left torn, so that its authority is not without one", async () => {
  await using home = await tempHome();
  const lists = new RevocationLists(home.path, new FakeClock(Date.now() * 1000));
  const authority = await TestAuthority.create("Plant");
  const text = async (...revoked: string[]) => new TextEncoder().encode(await authority.revocationList(...revoked));
  const [older, newer] = [await text("01"), await text("01", "02")];
  const { id } = await lists.add(newer, "trusted");
  const path = `${home.path}/certs/opcua/trusted/crl/${id}.crl`;
  Deno.writeFileSync(path, Deno.readFileSync(path).subarray(0, 50));
  await lists.add(older, "trusted");
  await lists.add(newer, "trusted");
  assert.deepEqual((await lists.all()).map((each) => each.id), [id]);
});
