/** A damaged spool is read back although the process is killed meanwhile, or the disk has no room or takes no writes. */
import assert from "node:assert/strict";
import { difference } from "../../src/buffer/ledger.ts";
import { numbersOf } from "../fakes/rows.ts";
import { SpoolHome } from "../fakes/spool.ts";
import { filledHome, overwritePages, readRows, rowsOf } from "../fakes/spool_damage.ts";
import { eventually } from "../wait.ts";
import { canMount, MountedDisk } from "./mounted_disk.ts";

const CHUNKS = 400;
const KILLS = 8;

/** Kills the child so many milliseconds after it began to open the spool. Says whether it had opened it. */
async function openAndKill(home: string, afterMs: number): Promise<boolean> {
  const script = new URL("salvage_child.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, home], stdout: "piped" }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) text += piece;
  })();
  await eventually("it opens the spool", () => text.includes("opening"), 30_000);
  const dieMs = performance.now() + afterMs;
  await eventually("its moment has come", () => performance.now() >= dieMs || text.includes("opened"), 30_000);
  child.kill("SIGKILL");
  await Promise.all([child.status, reading]);
  return text.includes("opened");
}

Deno.test(`A spool that is read back is whole although that was killed ${KILLS} times`, async () => {
  await using home = new SpoolHome();
  await filledHome(home, CHUNKS);
  overwritePages(`${home.directory}/spool.db`, 1);
  let opened = 0;
  for (let kill = 0; kill < KILLS; kill++) if (await openAndKill(home.path, 90 * kill)) opened++;
  console.log(`${opened} of ${KILLS} were killed after they had opened it`);
  await using buffer = await home.open();
  assert.equal(difference(buffer.ledger().total), 0);
  assert.equal(buffer.ledger().total.spooled, CHUNKS * 100);
  assert.deepEqual(numbersOf(await readRows(buffer, CHUNKS * 100)), rowsOf(Array(CHUNKS).keys()));
});

Deno.test({
  name:
    "A damaged spool on a disk without room for a copy starts all the same, with what there is room for, and says so",
  ignore: !canMount,
  async fn() {
    await using disk = await MountedDisk.make(40);
    const home = new SpoolHome(`${disk.path}/home`);
    Deno.mkdirSync(home.path);
    await filledHome(home, CHUNKS);
    Deno.writeFileSync(`${home.directory}/reserve`, new Uint8Array(2e6));
    const { size } = Deno.statSync(`${home.directory}/spool.db`);
    overwritePages(`${home.directory}/spool.db`, 1);
    Deno.writeFileSync(`${disk.path}/other`, new Uint8Array(40 * 1024 * 1024 - size - 10e6));
    await using buffer = await home.open();
    const [salvaged] = home.eventsOf("spool_salvaged");
    assert.match(salvaged?.failure ?? "", /full/);
    assert.ok(
      salvaged && salvaged.rows > 1000 && salvaged.rows + salvaged.lost === CHUNKS * 100,
      JSON.stringify(salvaged),
    );
    assert.equal(difference(buffer.ledger().total), 0);
    assert.deepEqual(numbersOf(await readRows(buffer, salvaged.rows)), rowsOf(Array(salvaged.rows / 100).keys()));
  },
});

Deno.test({
  name: "A spool on a disk that takes no writes does not start, and says why",
  ignore: !canMount,
  async fn() {
    await using disk = await MountedDisk.make(20);
    const home = new SpoolHome(`${disk.path}/home`);
    Deno.mkdirSync(home.path);
    await filledHome(home, 3);
    await disk.remount("ro");
    await assert.rejects(home.open(), {
      name: "ConfigError",
      code: "spool_unusable",
      message: /^Cannot use the spool's directory .*: .*[Rr]ead-only file system/,
    });
    await disk.remount("rw");
    await using buffer = await home.open();
    assert.equal(buffer.ledger().total.spooled, 300);
    assert.deepEqual(home.eventsOf("spool_replaced"), []);
  },
});
