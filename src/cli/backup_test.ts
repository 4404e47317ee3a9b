import assert from "node:assert/strict";
import { filledHome, recordsOf, type SpooledHome } from "../../tests/fakes/spooled_home.ts";
import { SpoolHome } from "../../tests/fakes/spool.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { outcomeOf } from "../../tests/fakes/terminal.ts";
import { systemClock } from "../lib/clock.ts";
import { beginBoot } from "../pipeline/mod.ts";

const PASSPHRASE = "correct horse battery";
const FILE = "export/home.backup";

/** A home with rows, an identity, settings of the pages, and what must not go into a backup. */
async function usedHome(): Promise<SpooledHome> {
  const home = await filledHome();
  beginBoot(home.path, systemClock, "this host");
  await Deno.writeTextFile(`${home.path}/config/connector_state.json`, `{ "version": 1 }\n`);
  for (const folder of ["run", "export", "logs"]) await Deno.mkdir(`${home.path}/${folder}`, { recursive: true });
  await Deno.writeTextFile(`${home.path}/run/cli.token`, "secret");
  await Deno.writeTextFile(`${home.path}/export/rows`, "carried out");
  await Deno.writeTextFile(`${home.path}/logs/connector.log`, "of before");
  return home;
}

const backedUp = (home: SpooledHome, input = PASSPHRASE) =>
  outcomeOf(["backup", FILE, "--passphrase-stdin", "--home", home.path], { input: `${input}\n` });

/** Carries the backup into a home of its own, and restores it there. */
async function carried(from: SpooledHome, to: string, ...words: string[]) {
  await Deno.copyFile(`${from.path}/${FILE}`, `${to}/carried`);
  return await outcomeOf(["restore", "carried", "--passphrase-stdin", "--home", to, ...words], { input: PASSPHRASE });
}

const textAt = (path: string) => Deno.readTextFileSync(path);
const filesIn = (path: string): string[] =>
  [...Deno.readDirSync(path)].flatMap((each) => each.isDirectory ? filesIn(`${path}/${each.name}`) : [each.name])
    .sort();
const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

Deno.test("restore puts everything back that a home needs, rows and keys to the byte, and no more", async () => {
  await using home = await usedHome();
  const before = await recordsOf(home);
  const { code, out, err } = await backedUp(home);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^The home directory \S+ is backed up in \S+\/export\/home\.backup\. Keep it elsewhere\n$/);
  assert.equal((Deno.statSync(`${home.path}/${FILE}`).mode ?? 0) & 0o777, 0o600);

  await using target = await tempHome();
  assert.equal((await carried(home, target.path, "--takeover")).code, 0);
  assert.deepEqual(namesIn(target.path), ["carried", "certs", "config", "identity.json", "spool"]);
  for (const file of ["identity.json", "config/connector.yaml", "config/connector_state.json"]) {
    assert.equal(textAt(`${target.path}/${file}`), textAt(`${home.path}/${file}`), file);
  }
  const restored: SpooledHome = {
    path: target.path,
    spool: new SpoolHome(target.path),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  assert.deepEqual(await recordsOf(restored), before);
  await using buffer = await restored.spool.open();
  assert.ok(buffer.ledger().balanced);
  assert.equal(buffer.ledger().total.spooled, 8);
});

Deno.test("A restored home is an installation of its own, unless it is told to take over", async () => {
  await using home = await usedHome();
  await backedUp(home);
  const { edgeId, bootEpoch } = beginBoot(home.path, systemClock);
  await using copy = await tempHome();
  const { out } = await carried(home, copy.path);
  assert.match(out, /It will be an installation of its own, with another edge_id/);
  assert.notEqual(beginBoot(copy.path, systemClock).edgeId, edgeId);

  await using successor = await tempHome();
  assert.match((await carried(home, successor.path, "--takeover")).out, /must never run again/);
  const begun = beginBoot(successor.path, systemClock, "another host");
  assert.equal(begun.edgeId, edgeId);
  assert.ok(begun.bootEpoch >= bootEpoch, "its rows never repeat a number");
  assert.ok(begun.isElsewhere);
});

Deno.test("restore overwrites nothing, and then leaves the home as it was", async () => {
  await using home = await usedHome();
  await backedUp(home);
  await using target = await tempHome();
  await Deno.writeTextFile(`${target.path}/identity.json`, "mine");
  const { code, err } = await carried(home, target.path);
  assert.equal(code, 1);
  assert.match(err, /there is a identity\.json already, and nothing is overwritten/);
  assert.deepEqual(namesIn(target.path), ["carried", "identity.json"]);
});

Deno.test("restore takes nothing of a backup that was changed, cut off or sealed with another passphrase", async () => {
  await using home = await usedHome();
  await backedUp(home);
  const whole = await Deno.readFile(`${home.path}/${FILE}`);
  const flipped = whole.slice();
  flipped[flipped.length - 100]! ^= 1;
  const newer = new TextEncoder().encode(
    new TextDecoder("latin1").decode(whole.subarray(0, 200)).split("\n")[0]!
      .replace(`"version":1`, `"version":2`) + "\n",
  );
  const cases: readonly (readonly [what: string, bytes: Uint8Array, input: string, says: RegExp])[] = [
    ["flipped", flipped, PASSPHRASE, /it was changed on its way\. Nothing was restored/],
    ["cut off", whole.subarray(0, -1), PASSPHRASE, /it is not whole: copy it again\. Nothing was restored/],
    ["longer", new Uint8Array([...whole, 0]), PASSPHRASE, /it is not whole/],
    ["other passphrase", whole, "wrong horse battery", /the passphrase or key is another/],
    ["newer", newer, PASSPHRASE, /a newer connector made it/],
    ["no backup", new TextEncoder().encode("rows\n"), PASSPHRASE, /it is no file that `backup` made/],
  ];
  for (const [what, bytes, input, says] of cases) {
    await using target = await tempHome();
    await Deno.writeFile(`${target.path}/carried`, bytes);
    const words = ["restore", "carried", "--passphrase-stdin", "--takeover", "--home", target.path];
    const { code, err } = await outcomeOf(words, { input });
    assert.equal(code, 1, what);
    assert.match(err, says, what);
    assert.deepEqual(namesIn(target.path), ["carried"], what);
  }
});

Deno.test("A backup for a recipient opens with the private half of the key alone", async () => {
  await using home = await usedHome();
  await using target = await tempHome();
  const pair = await crypto.subtle.generateKey({ name: "X25519" }, true, ["deriveBits"]) as CryptoKeyPair;
  const pem = (kind: string, der: ArrayBuffer) =>
    `-----BEGIN ${kind} KEY-----\n${new Uint8Array(der).toBase64()}\n-----END ${kind} KEY-----\n`;
  await Deno.writeTextFile(
    `${home.path}/office.pub`,
    pem("PUBLIC", await crypto.subtle.exportKey("spki", pair.publicKey)),
  );
  const { code, out } = await outcomeOf(["backup", FILE, "--recipient", "office.pub", "--home", home.path]);
  assert.equal(code, 0);
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(`${home.path}/${FILE}`)))
    .toHex();
  assert.ok(out.endsWith(`to be kept apart from it: ${sum}\n`), out);
  assert.match((await carried(home, target.path)).err, /it was sealed for a key: name the file of its private half/);
  await Deno.writeTextFile(
    `${target.path}/key`,
    pem("PRIVATE", await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
  );
  const words = ["restore", "carried", "--key", "key", "--home", target.path];
  // Anybody with the public key could have made it.
  for (const [more, says] of [[[], /give the SHA-256/], [["--sha256", "0".repeat(64)], /is another file/]] as const) {
    const { code, err } = await outcomeOf([...words, ...more]);
    assert.equal(code, 1);
    assert.match(err, says);
    assert.deepEqual(namesIn(target.path), ["carried", "key"]);
  }
  const restored = await outcomeOf([...words, "--sha256", sum]);
  assert.deepEqual([restored.code, restored.err], [0, ""]);
  assert.ok(namesIn(target.path).includes("spool"));
});

Deno.test("restore lets nobody but the owner read what it puts back, whatever the backup says of it", async () => {
  await using home = await usedHome();
  await Deno.chmod(`${home.path}/config/connector.yaml`, 0o755);
  await backedUp(home);
  await using target = await tempHome();
  await carried(home, target.path);
  assert.equal((Deno.statSync(`${target.path}/config/connector.yaml`).mode ?? 0) & 0o777, 0o600);
});

Deno.test("restore takes back what it has moved where a file cannot be moved", async () => {
  await using home = await usedHome();
  await backedUp(home);
  await using target = await tempHome();
  await using elsewhere = await tempHome();
  // The spool's database comes before it, and has its place by then.
  await Deno.symlink(elsewhere.path, `${target.path}/certs`);
  assert.equal((await carried(home, target.path)).code, 1);
  assert.deepEqual(filesIn(target.path), ["carried", "certs"]);
});

Deno.test("backup beside a connector that writes copies rows of one moment, whole", async () => {
  await using home = await usedHome();
  await using _buffer = await home.spool.open();
  assert.equal((await backedUp(home)).code, 0);
  await using target = await tempHome();
  await carried(home, target.path);
  await using restored = await new SpoolHome(target.path).open();
  assert.deepEqual([restored.ledger().total.spooled, restored.ledger().balanced], [8, true]);
});

Deno.test("backup leaves no file when it is told to stop, and none of its own making in the home", async () => {
  await using home = await usedHome();
  const words = ["backup", FILE, "--passphrase-stdin", "--home", home.path];
  assert.equal((await outcomeOf(words, { input: PASSPHRASE, stopping: AbortSignal.abort() })).code, 1);
  assert.deepEqual(namesIn(`${home.path}/export`), ["rows"]);
  await backedUp(home);
  assert.equal(namesIn(home.path).includes(".backup"), false);
  assert.match((await backedUp(home)).err, /there is such a file already: name another/);
});

for (
  const [words, says] of [
    [["backup"], /^Name the file to write/],
    [["backup", FILE], /^Say how it is sealed/],
    [["backup", FILE, "--passphrase-stdin", "--recipient", "x"], /^Say how it is sealed/],
    [["restore"], /^Name the backup/],
    [["restore", "x"], /^Say what opens it/],
  ] as const
) {
  Deno.test(`${words.join(" ")} is refused with what is missing`, async () => {
    await using home = await filledHome();
    const { code, err } = await outcomeOf([...words, "--home", home.path]);
    assert.equal(code, 64);
    assert.match(err, says);
  });
}

Deno.test("backup refuses a passphrase that is guessed in no time, and its own files as a target", async () => {
  await using home = await filledHome();
  assert.match((await backedUp(home, "short")).err, /the passphrase has fewer than 12 characters/);
  const { err } = await outcomeOf(["backup", "spool/x", "--passphrase-stdin", "--home", home.path], {
    input: PASSPHRASE,
  });
  assert.match(err, /spool\/ is the connector's own/);
});
