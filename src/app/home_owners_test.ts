import assert from "node:assert/strict";
import { homeWith } from "../../tests/fakes/terminal.ts";
import { homeWarnings, otherUserFault } from "./home_owners.ts";

const file = "config/connector.yaml";
const paths = { file, spool: "spool", key: "certs/spool_encryption.key" };

async function madeHome() {
  const home = await homeWith("");
  await Deno.mkdir(`${home.path}/certs`);
  await Deno.writeTextFile(`${home.path}/identity.json`, "{}");
  for (const path of ["", "/certs", "/identity.json", `/${file}`]) await Deno.chmod(home.path + path, 0o700);
  return home;
}

Deno.test("homeWarnings() says nothing of a home that its user alone may change, nor of what is not there", async () => {
  await using home = await madeHome();
  assert.deepEqual(homeWarnings({ home: home.path, ...paths, uid: Deno.uid() }), []);
  await Deno.remove(`${home.path}/certs`);
  assert.deepEqual(homeWarnings({ home: home.path, ...paths, uid: Deno.uid() }), []);
});

for (const path of ["", "/certs", "/identity.json", `/${file}`]) {
  for (const mode of [0o720, 0o702]) {
    Deno.test(`homeWarnings() names the home's ${path || "directory"} when its mode is ${mode.toString(8)}`, async () => {
      await using home = await madeHome();
      await Deno.chmod(home.path + path, mode);
      const whole = home.path + path;
      assert.deepEqual(homeWarnings({ home: home.path, ...paths, uid: Deno.uid() }), [
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
  assert.deepEqual(homeWarnings({ home: home.path, ...paths, uid }), [
    `${owned} belongs to another user, 4242: give it to the connector's, with chown ${uid} ${owned}`,
  ]);
  assert.equal(homeWarnings({ home: home.path, ...paths, uid: 4242 }).length, 0, "the rest is root's");
});

const SECRET = ["certs/spool_encryption.key", "certs/spool_encryption.key.0a1b2c3d", "spool/spool.db", "identity.json"];

for (const path of SECRET) {
  for (const mode of [0o640, 0o604]) {
    Deno.test(`homeWarnings() names ${path} when its mode is ${mode.toString(8)}`, async () => {
      await using home = await madeHome();
      await Deno.mkdir(`${home.path}/spool`);
      for (const each of SECRET) await Deno.writeTextFile(`${home.path}/${each}`, "", { mode: 0o600 });
      await Deno.chmod(`${home.path}/identity.json`, 0o600);
      const whole = `${home.path}/${path}`;
      const warnings = () => homeWarnings({ home: home.path, ...paths, uid: Deno.uid() });
      assert.deepEqual(warnings(), []);
      await Deno.chmod(whole, mode);
      assert.deepEqual(warnings(), [
        `${whole} may be read by other users: take the right from them with chmod go-r ${whole}`,
      ]);
    });
  }
}

Deno.test("otherUserFault() names the owner of the spool or, where there is none, of the home", async () => {
  await using home = await madeHome();
  const own = Deno.uid() ?? 0;
  const fault = (uid: number | null) => otherUserFault({ home: home.path, spool: "spool", uid });
  assert.deepEqual([fault(own), fault(null)], [undefined, undefined]);
  assert.match(fault(own + 1) ?? "", new RegExp(`belongs to user ${own}, .* sudo -u '#${own}' iot-connector …$`));
  await Deno.mkdir(`${home.path}/spool`);
  await Deno.writeTextFile(`${home.path}/spool/spool.db`, "");
  assert.equal(fault(own), undefined);
  if (own !== 0) return; // only root may give a file away
  await Deno.chown(`${home.path}/spool/spool.db`, 4242, null);
  assert.match(fault(0) ?? "", /belongs to user 4242, /);
  assert.equal(fault(4242), undefined);
});
