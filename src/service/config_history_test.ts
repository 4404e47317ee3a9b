import assert from "node:assert/strict";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { ConfigHistory, HISTORY_FILE, type KeptChange } from "./config_history.ts";

class Home implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "history_" });
  readonly log = new FakeLogger();

  open(): ConfigHistory {
    return new ConfigHistory({ home: this.path, log: () => this.log });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

function change(id: string, diff = ""): KeptChange {
  const time = "2026-01-01T00:00:00.000Z";
  return { id, time, author: "anna", kind: "change", diff, failure: null, before: { gui: { port: 1 } } };
}

Deno.test("ConfigHistory keeps changes over a new start, the newest first, for its owner alone", () => {
  using home = new Home();
  home.open().add(change("1"));
  home.open().add(change("2"));
  const history = home.open();
  assert.deepEqual(history.changes.map(({ id }) => id), ["2", "1"]);
  assert.ok(history.changes.every((each) => !("before" in each)));
  assert.deepEqual(history.find("1").before, { gui: { port: 1 } });
  assert.equal((Deno.statSync(`${home.path}/${HISTORY_FILE}`).mode ?? 0) & 0o777, 0o600);
});

Deno.test("ConfigHistory forgets the oldest changes, by number and by size", () => {
  using home = new Home();
  const history = home.open();
  for (let id = 0; id < 205; id++) history.add(change(String(id)));
  assert.equal(history.changes.length, 200);
  assert.equal(history.changes.at(-1)?.id, "5");
  for (let id = 0; id < 5; id++) history.add(change(`long ${id}`, "x".repeat(1_000_000)));
  assert.ok(history.changes.length < 10);
  assert.throws(() => history.find("5"), { code: "change_unknown" });
});

Deno.test("ConfigHistory begins anew where its file is damaged, and says when it cannot be kept", () => {
  using home = new Home();
  Deno.mkdirSync(`${home.path}/config`);
  Deno.writeTextFileSync(`${home.path}/${HISTORY_FILE}`, '[{"id":');
  const history = home.open();
  assert.deepEqual(history.changes, []);
  Deno.removeSync(`${home.path}/config`, { recursive: true });
  Deno.writeTextFileSync(`${home.path}/config`, "a file");
  history.add(change("1"));
  assert.equal(history.changes.length, 1);
  assert.match(home.log.lines[0]?.message ?? "", /^Cannot keep in config\/connector_history\.json who changed what/);
});
