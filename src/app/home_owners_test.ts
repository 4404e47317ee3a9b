import assert from "node:assert/strict";
import { homeWith } from "../../tests/fakes/terminal.ts";
import { homeWarnings } from "./home_owners.ts";

const file = "config/connector.yaml";

async function madeHome() {
  const home = await homeWith("");
  await Deno.mkdir(`${home.path}/certs`);
  await Deno.writeTextFile(`${home.path}/identity.json`, "{}");
  for (const path of ["", "/certs", "/identity.json", `/${file}`]) await Deno.chmod(home.path + path, 0o700);
  return home;
}

Deno.test("homeWarnings() says nothing of a home that its user alone may change, nor of what is not there", async () => {
  await using home = await madeHome();
  assert.deepEqual(homeWarnings({ home: home.path, file, uid: Deno.uid() }), []);
  await Deno.remove(`${home.path}/certs`);
  assert.deepEqual(homeWarnings({ home: home.path, file, uid: Deno.uid() }), []);
});

for (const path of ["", "/certs", "/identity.json", `/${file}`]) {
  for (const mode of [0o720, 0o702]) {
    Deno.test(`homeWarnings() names the home's ${path || "directory"} when its mode is ${mode.toString(8)}`, async () => {
      await using home = await madeHome();
      await Deno.chmod(home.path + path, mode);
      const whole = home.path + path;
      assert.deepEqual(homeWarnings({ home: home.path, file, uid: Deno.uid() }), [
        `${whole} may be changed by other users: take the right from them with chmod go-w ${whole}`,
      ]);
    });
  }
}

Deno.test("homeWarnings() names what belongs to a user who is neither the connector's nor root", async () => {
  await using home = await madeHome();
  const owned = `${home.path}/identity.json`;
  const uid = Deno.uid() ?? 0;
  if (uid !== 0) return; // only root may give a file away
  await Deno.chown(owned, 4242, null);
  assert.deepEqual(homeWarnings({ home: home.path, file, uid }), [
    `${owned} belongs to another user, 4242: give it to the connector's, with chown ${uid} ${owned}`,
  ]);
  assert.equal(homeWarnings({ home: home.path, file, uid: 4242 }).length, 0, "the rest is root's");
});
