/** What becomes of state, users and uploads when the disk is full, or the process is killed while they are saved. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { systemClock } from "../../src/lib/clock.ts";
import { Users } from "../../src/security/mod.ts";
import { CertificateStore } from "../../src/service/certificate_store.ts";
import { clearUp, fillUp } from "../e2e/fill_disk.ts";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { canMount, MountedDisk } from "./mounted_disk.ts";
import { SAVES } from "./state_saves.ts";
import { mqttEntry, mqttPatch, ReloadStand } from "./reload_stand.ts";

const KILLS = Number(Deno.env.get("STATE_KILLS") ?? 7);
const who = { author: "anna" };

interface Progress {
  readonly saving: number;
  readonly saved: number;
}

/** Runs the child and kills it after `lines` lines of its output and a part of a moment. */
async function saveAndKill(home: string, kind: string, lines: number): Promise<Progress> {
  const script = new URL("state_child.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, home, kind], stdout: "piped" });
  const child = command.spawn();
  let text = "";
  let isKilled = false;
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (isKilled || text.split("\n").length <= lines) continue;
    child.kill("SIGKILL");
    isKilled = true; // what it wrote before is still read
  }
  await child.status;
  const last = (word: string) => Number([...text.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].at(-1)?.[1] ?? 0);
  return { saving: last("saving"), saved: last("saved") };
}

function isOneOf(number: number, { saving, saved }: Progress): void {
  assert.ok(number === saved || number === saving, `${number} is there, ${saved} was saved, ${saving} under way`);
}

interface Kept {
  readonly kind: string;
  /** What is there before the first save. */
  prepare(home: string): Promise<void>;
  /** The number of the save that is there, whole. */
  check(home: string): Promise<number>;
}

const USERS = 200;

const KEPT: readonly Kept[] = [
  {
    kind: "state",
    prepare: () => Promise.resolve(),
    async check(home) {
      const { version, list } = JSON.parse(await Deno.readTextFile(`${home}/config/connector_state.json`));
      assert.equal(version, 1);
      assert.equal(list.length, 20_000);
      assert.equal(new Set(list).size, 1, "all of one save");
      return list[0];
    },
  },
  {
    kind: "users",
    async prepare(home) {
      const password = { n: 16, r: 8, p: 1, salt: btoa("salt"), hash: btoa("hash") };
      const users = Array.from({ length: USERS }, (_, i) => (
        { name: `user${i}`, role: i === 0 ? "administrator" : "viewer", password, created: 1, stamp: `${i}` }
      ));
      await Deno.mkdir(`${home}/certs`, { recursive: true });
      await Deno.writeTextFile(`${home}/certs/users.json`, JSON.stringify({ version: 1, users }));
    },
    check(home) {
      const names = new Users(home).all().map(({ name }) => name);
      const removed = USERS - names.length;
      const others = Array.from({ length: USERS - 1 - removed }, (_, i) => `user${removed + 1 + i}`);
      assert.deepEqual(names, ["user0", ...others]);
      return Promise.resolve(removed);
    },
  },
  {
    kind: "upload",
    async prepare(home) {
      await Deno.writeTextFile(`${home}/given.pem`, (await TestAuthority.create()).certificate);
      await Deno.remove(`${home}/certs/uploads`, { recursive: true }).catch(() => {/* there is none yet */});
    },
    check(home) {
      const items = new CertificateStore(home, systemClock).all();
      for (const { id, path } of items) {
        const text = Deno.readFileSync(`${home}/${path}`);
        assert.equal(createHash("sha256").update(text).digest("hex").slice(0, 16), id, "it is what its name says");
      }
      const chains = items.map(({ certificate }) => certificate?.chain ?? 0).sort((a, b) => a - b);
      assert.deepEqual(chains, Array.from({ length: chains.length }, (_, i) => i + 1));
      return Promise.resolve(chains.length);
    },
  },
];

for (const { kind, prepare, check } of KEPT) {
  Deno.test(`${kind}: whole after each of ${KILLS} kills while it was saved, the old one or the new one`, async () => {
    const home = await Deno.makeTempDir({ prefix: "state_" });
    for (let kill = 0; kill < KILLS; kill++) {
      await prepare(home);
      const progress = await saveAndKill(home, kind, 2 + Math.floor(Math.random() * 20));
      isOneOf(await check(home), progress);
    }
    await Deno.remove(home, { recursive: true });
  });
}

Deno.test({
  name:
    "a full disk refuses a change before anything is touched, leaves the old state whole, and the next one is taken",
  ignore: !canMount,
  async fn() {
    await using stack = new AsyncDisposableStack();
    const broker = stack.use(await Mosquitto.start());
    const publisher = stack.use(await connectPublisher(broker.port));
    const home = await Deno.makeTempDir({ prefix: "reload_" });
    await Deno.mkdir(`${home}/config`);
    stack.defer(() => Deno.remove(home, { recursive: true }));
    const disk = stack.use(await MountedDisk.make(1, `${home}/config`));
    await using stand = await ReloadStand.start({ home, isKept: true, sources: [mqttEntry("a", broker.port)] });
    await stand.connected("a");
    await stand.service.apply({ sources: [mqttPatch("b", broker.port)] }, who);
    const [before, version] = [stand.state(), stand.service.current().version];
    fillUp(disk.path);
    const long = mqttPatch("c", broker.port, {
      topics: Array.from({ length: 200 }, (_, i) => ({ topic: `c/${i}/#` })),
    });
    await assert.rejects(stand.service.apply({ sources: [long] }, who), (error: Error & { code?: string }) => {
      assert.equal(error.code, "state_not_saved");
      assert.match(error.message, /^Cannot save config\/connector_state\.json: .*make room on the disk/);
      return true;
    });
    assert.equal(stand.state(), before);
    assert.equal(stand.service.current().version, version);
    assert.equal(stand.stateOf("c"), undefined);
    assert.deepEqual([...Deno.readDirSync(disk.path)].filter(({ name }) => name.endsWith(".new")), []);
    await Deno.remove(`${disk.path}/other`);
    await stand.service.apply({ sources: [long] }, who);
    assert.equal(stand.stateOf("c"), "connected");
    await publisher.numbers("a/n", 50);
    await stand.hasAll("a/n", 50);
    stand.assertBalanced();
  },
});

for (const { kind, prepare, check } of KEPT.filter(({ kind }) => kind !== "state")) {
  Deno.test({
    name: `${kind}: a full disk refuses the change, leaves what was there whole, and takes the next one`,
    ignore: !canMount,
    async fn() {
      await using disk = await MountedDisk.make(1);
      const home = disk.path;
      await prepare(home);
      const save = async (number: number) => await SAVES[kind]!(home, number);
      await save(1);
      fillUp(home);
      await assert.rejects(save(2), (error: Error & { code?: string }) => {
        assert.equal(error.code, "file_not_saved");
        assert.match(error.message, /^Cannot save certs\/.*No space left.*make room on the disk/);
        return true;
      });
      assert.equal(await check(home), 1);
      clearUp(home);
      await save(2);
      assert.equal(await check(home), 2);
    },
  });
}

Deno.test("a secret that is given by a change stands nowhere in clear, opens after a new start, stays when *** comes back, and goes to no other endpoint", async () => {
  await using broker = await Mosquitto.start({ credentials: { username: "reader", password: "hunter2-of-hall-9" } });
  const login = { username: "reader", password: "hunter2-of-hall-9" };
  const home = await Deno.makeTempDir({ prefix: "reload_" });
  {
    await using stand = await ReloadStand.start({ home, isKept: true, sources: [] });
    await stand.service.apply({ sources: [mqttPatch("b", broker.port, login)] }, who);
    assert.equal(stand.stateOf("b"), "connected");
    const shown = [stand.lines, stand.service.current(), stand.service.history(), stand.state()].map((each) =>
      JSON.stringify(each)
    );
    for (const text of shown) assert.doesNotMatch(text, /hunter2/);
    assert.match(stand.state(), /"password": "enc:v1:[0-9a-f]{8}:/);
    for (const file of ["connector_state.json", "connector_history.json"]) {
      assert.doesNotMatch(await Deno.readTextFile(`${home}/config/${file}`), /hunter2/);
      assert.equal(((await Deno.stat(`${home}/config/${file}`)).mode ?? 0) & 0o777, 0o600);
    }
    assert.equal(((await Deno.stat(`${home}/certs/secrets.key`)).mode ?? 0) & 0o777, 0o600);
  }
  await using again = await ReloadStand.start({ home, sources: [] });
  await again.connected("b");
  await again.service.apply({ sources: [{ name: "b", mqtt: { password: "***", keepalive_seconds: 30 } }] }, who);
  assert.equal(again.stateOf("b"), "connected");
  const elsewhere = { sources: [{ name: "b", endpoint: "mqtt://127.0.0.1:1" }] };
  for (const refused of [() => again.service.plan(elsewhere), () => again.service.apply(elsewhere, who)]) {
    await assert.rejects(refused, /sources\[0\]\.mqtt\.password: must be entered again/);
  }
  assert.equal(again.stateOf("b"), "connected");
  const plan = await again.service.plan({ sources: [{ name: "b", mqtt: { password: "other-secret" } }] });
  assert.match(plan.diff, /\+ .*password: "\*\*\*" # another one/);
  assert.doesNotMatch(plan.diff, /other-secret/);
});
