import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { newPathInHome, pathInHome } from "./home_path.ts";

const loaded = await loadText(`version: 1
local_sink: { enabled: true }
backpressure: { disk_spool: { path: ./var//rows, encryption_key_path: keys/of.spool } }
`);

async function emptyHome() {
  const path = await Deno.makeTempDir({ prefix: "home_" });
  return { path, place: { home: path, loaded }, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

for (const file of ["rows", "./out//rows", "spools/rows", "out/spool/rows", "runs", "export/identity.json"]) {
  Deno.test(`pathInHome() takes ${file}`, async () => {
    await using home = await emptyHome();
    const wanted = `${home.path}/${file.replace("./out//", "out/")}`;
    assert.equal(pathInHome(home.place, file), wanted);
    assert.equal(pathInHome(home.place, `${home.path}/${file}`), wanted);
  });
}

const OWN = [
  "spool/spool.db-wal",
  "./spool/../spool/x",
  "spool",
  "SPOOL/x",
  ".//spool//x",
  "var/rows/spool.db",
  "VAR/rows/more",
  "certs/spool_encryption.key",
  "keys/of.spool",
  "keys/of.spool.0a1b2c3d",
  "run/cli.token",
  "memory/press.json",
  "audit/audit-2026-11.jsonl",
  "state/columns/a.json",
  "latest_time",
  "config/connector.yaml",
  "c.yaml",
  "identity.json",
  "./Identity.JSON",
  "identity.json.new",
  "data/local.db-wal",
];

for (const file of OWN) {
  Deno.test(`pathInHome() refuses ${file}, which is the connector's own, and names another place`, async () => {
    await using home = await emptyHome();
    for (const spelling of [file, `${home.path}/${file}`, `${home.path}//${file}`]) {
      const says = file.includes("..") ? /it is not in the home/ : /is the connector's own.* for example export\/\S+$/;
      assert.throws(() => pathInHome(home.place, spelling), says);
      assert.throws(() => newPathInHome(home.place, spelling), says);
    }
    assert.deepEqual([...Deno.readDirSync(home.path)], []);
  });
}

Deno.test("newPathInHome() makes export/, for its owner alone, and no other directory", async () => {
  await using home = await emptyHome();
  assert.equal(newPathInHome(home.place, "export/rows"), `${home.path}/export/rows`);
  assert.equal((Deno.statSync(`${home.path}/export`).mode ?? 0) & 0o777, 0o700);
  newPathInHome(home.place, "export/rows");
  newPathInHome(home.place, "out/rows");
  pathInHome(home.place, "exported/rows");
  assert.deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name), ["export"]);
});

Deno.test("newPathInHome() makes nothing behind a link", async () => {
  await using home = await emptyHome();
  await Deno.symlink("/tmp", `${home.path}/export`);
  assert.throws(() => newPathInHome(home.place, "export/rows"), /is a symbolic link/);
});
