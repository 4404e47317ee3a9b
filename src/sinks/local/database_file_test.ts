import assert from "node:assert/strict";
import { LocalStand } from "../../../tests/fakes/local_database.ts";
import { openDatabase } from "./database_file.ts";

Deno.test("openDatabase() follows no link: neither the file, nor its folder, nor what SQLite keeps beside it", () => {
  for (const link of ["data", "data/local.db", "data/local.db-wal", "data/local.db-shm"]) {
    using local = new LocalStand();
    Deno.mkdirSync(`${local.home}/elsewhere`);
    if (link !== "data") Deno.mkdirSync(`${local.home}/data`);
    Deno.symlinkSync(`${local.home}/elsewhere/file`, `${local.home}/${link}`);
    assert.throws(() => openDatabase(local.home, local.path), { code: "link_in_home" }, link);
    assert.deepEqual(Array.from(Deno.readDirSync(`${local.home}/elsewhere`)), [], link);
  }
});

Deno.test("openDatabase() says of a folder in the file's place that it is no file", () => {
  using local = new LocalStand();
  Deno.mkdirSync(local.path, { recursive: true });
  assert.throws(() => openDatabase(local.home, local.path), {
    code: "local_file_unopenable",
    message: /local\.db is no file: local_sink\.path must name a file/,
  });
});

Deno.test("openDatabase() takes from others what they could read of a file", () => {
  using local = new LocalStand();
  Deno.mkdirSync(`${local.home}/data`);
  Deno.writeTextFileSync(local.path, "");
  Deno.chmodSync(local.path, 0o664);
  openDatabase(local.home, local.path).close();
  assert.equal(Deno.statSync(local.path).mode! & 0o777, 0o600);
});
