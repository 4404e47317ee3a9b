/** The configuration of a running connector, changed while numbers are published to it. */
import assert from "node:assert/strict";
import { connectPublisher, type Publisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { mqttEntry, mqttPatch, ReloadStand, sessionsOf, yamlOf } from "./reload_stand.ts";

const who = { author: "anna" };

/** Publishes 0, 1, 2, … until told to stop. */
class Counter implements AsyncDisposable {
  readonly #done: Promise<void>;
  #isOn = true;
  count = 0;

  constructor(publisher: Publisher, topic: string) {
    this.#done = this.#run(publisher, topic);
  }

  /** Resolves when so many more were published. */
  async more(count: number): Promise<void> {
    const wanted = this.count + count;
    await eventually(`${count} more numbers`, () => this.count >= wanted);
  }

  /** Ends it, and says how many numbers there are. */
  async stop(): Promise<number> {
    this.#isOn = false;
    await this.#done;
    return this.count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #run(publisher: Publisher, topic: string): Promise<void> {
    while (this.#isOn) {
      await publisher.publish(topic, String(this.count), { qos: 1 });
      this.count++;
    }
  }
}

interface Plant extends AsyncDisposable {
  readonly stand: ReloadStand;
  readonly broker: Mosquitto;
  /** Numbers on `a/n`. */
  readonly counter: Counter;
}

/** A connector that reads `a/n`, on which numbers are published without end. */
async function plant(options: { trialMs?: number; settings?: string } = {}): Promise<Plant> {
  const stack = new AsyncDisposableStack();
  const broker = stack.use(await Mosquitto.start());
  const publisher = stack.use(await connectPublisher(broker.port));
  const stand = stack.use(await ReloadStand.start({ sources: [mqttEntry("a", broker.port)], ...options }));
  await stand.connected("a");
  const counter = stack.use(new Counter(publisher, "a/n"));
  await counter.more(20);
  return { stand, broker, counter, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("a source is added, changed, disabled and removed while another keeps its session and loses nothing", async () => {
  await using all = await plant();
  const { stand, broker, counter } = all;
  const { service } = stand;
  const added = await service.apply({ sources: [mqttPatch("b", broker.port)] }, who);
  assert.deepEqual(added.effects, { starts: ["b"], stops: [], restarts: [], connector: [] });
  assert.equal(stand.stateOf("b"), "connected");
  await counter.more(20);

  const changed = await service.apply({ sources: [{ name: "b", labels: { line: "4" } }] }, who);
  assert.deepEqual(changed.effects.restarts, ["b"]);
  assert.equal(stand.stateOf("b"), "connected");
  assert.equal(sessionsOf(broker, "client-b"), 2);

  await service.stopSource("b", who);
  assert.equal(stand.stateOf("b"), undefined);
  await service.startSource("b", who);
  await stand.connected("b");
  await service.apply({ sources: [{ name: "b", deleted: true }] }, who);
  assert.equal(stand.stateOf("b"), undefined);
  assert.deepEqual(JSON.parse(stand.state()), { version: 1 });

  await stand.hasAll("a/n", await counter.stop());
  assert.equal(stand.numbers("a/n").length, counter.count, "each once");
  assert.equal(sessionsOf(broker, "client-a"), 1, "the same session throughout");
  stand.assertBalanced();
  assert.deepEqual(service.history().map(({ author, failure }) => [author, failure]), Array(5).fill(["anna", null]));
});

Deno.test("a source that is changed again and again while it is read loses nothing", async () => {
  await using all = await plant();
  const { stand, broker, counter } = all;
  for (const line of ["1", "2", "3", "4", "5"]) {
    await stand.service.apply({ sources: [{ name: "a", labels: { line } }] }, who);
    await counter.more(20);
  }
  await stand.hasAll("a/n", await counter.stop());
  assert.equal(sessionsOf(broker, "client-a"), 6);
  stand.assertBalanced();
});

Deno.test("a change whose source does not start is taken back, and says why", async () => {
  await using all = await plant({ trialMs: 500 });
  const { stand, broker, counter } = all;
  const before = stand.service.current().version;
  const away = mqttPatch("b", freePort());
  await assert.rejects(stand.service.apply({ sources: [away] }, who), (error: Error & { code?: string }) => {
    assert.equal(error.code, "change_not_applied");
    assert.match(
      error.message,
      /The change was taken back, and the connector runs as before: b is not connected \(.*\) within 0\.5 s/,
    );
    return true;
  });
  assert.equal(stand.service.current().version, before);
  assert.equal(stand.stateOf("b"), undefined);
  assert.throws(() => stand.state(), Deno.errors.NotFound);
  assert.match(stand.service.history()[0]?.failure ?? "", /b is not connected/);

  await assert.rejects(
    stand.service.apply({ sources: [{ name: "a", endpoint: away.endpoint }] }, who),
    /was taken back/,
  );
  await stand.connected("a");
  await stand.hasAll("a/n", await counter.stop());
  assert.equal(sessionsOf(broker, "client-a"), 2);
  stand.assertBalanced();
});

Deno.test("a change is kept although its device is away, when that is asked for", async () => {
  await using all = await plant({ trialMs: 500 });
  const { stand } = all;
  await stand.service.apply({ sources: [mqttPatch("b", freePort())] }, { ...who, evenIfDown: true });
  assert.notEqual(stand.stateOf("b"), undefined);
  await stand.service.apply({ sources: [{ name: "b", labels: { line: "1" } }] }, who); // it was down before
  assert.match(stand.state(), /"line": "1"/);
});

Deno.test("a rollback undoes a change and all later ones", async () => {
  await using all = await plant();
  const { stand, broker } = all;
  const first = await stand.service.apply({ sources: [mqttPatch("b", broker.port)] }, who);
  await stand.service.apply({ sources: [mqttPatch("c", broker.port)] }, who);
  assert.deepEqual([stand.stateOf("b"), stand.stateOf("c")], ["connected", "connected"]);
  await stand.service.rollback(first.id ?? "", { author: "otto" });
  assert.deepEqual([stand.stateOf("b"), stand.stateOf("c")], [undefined, undefined]);
  assert.deepEqual(stand.service.history().map(({ kind, author }) => `${kind} ${author}`), [
    "rollback otto",
    "change anna",
    "change anna",
  ]);
  await assert.rejects(stand.service.rollback("nope", who), { code: "change_unknown" });
});

Deno.test("of two changes at once the second waits, and is refused when it was made for what is gone", async () => {
  await using all = await plant();
  const { stand, broker } = all;
  const ifMatch = stand.service.current().version;
  const [b, c, d] = await Promise.allSettled([
    stand.service.apply({ sources: [mqttPatch("b", broker.port)] }, { ...who, ifMatch }),
    stand.service.apply({ sources: [mqttPatch("c", broker.port)] }, { ...who, ifMatch }),
    stand.service.apply({ sources: [mqttPatch("d", broker.port)] }, who),
  ]);
  assert.equal(b?.status, "fulfilled");
  assert.ok(c?.status === "rejected");
  assert.equal(c.reason.code, "config_changed");
  assert.equal(d?.status, "fulfilled");
  assert.deepEqual([..."abcd"].map((name) => stand.stateOf(name)), ["connected", "connected", undefined, "connected"]);
});

Deno.test("what starts the connector anew inside its process loses nothing, and each row comes once", async () => {
  await using all = await plant();
  const { stand, counter } = all;
  const applied = await stand.service.apply({ processing: { batch: { max_size: 7 } } }, who);
  assert.equal(applied.state, "restarting");
  assert.deepEqual(applied.effects.connector, ["processing"]);
  await applied.settled;
  await stand.connected("a");
  await counter.more(20);
  await stand.hasAll("a/n", await counter.stop());
  assert.equal(stand.numbers("a/n").length, counter.count, "each once");
  stand.assertBalanced();
  assert.match(stand.state(), /"max_size": 7/);
});

Deno.test("a new start that fails is followed by one with the configuration from before", async () => {
  await using all = await plant();
  const { stand, counter } = all;
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr; // it listens on TCP
  const applied = await stand.service.apply({ monitoring: { metrics: { enabled: true, prometheus: { port } } } }, who);
  await assert.rejects(applied.settled, /runs as before: Cannot listen on 127\.0\.0\.1/);
  await stand.connected("a");
  await counter.more(20);
  await stand.hasAll("a/n", await counter.stop());
  stand.assertBalanced();
  assert.equal(stand.service.loaded.config.monitoring.metrics.enabled, false);
  assert.throws(() => stand.state(), Deno.errors.NotFound);
});

Deno.test("the YAML edited by hand is taken in, and a wrong one is refused while the old holds", async () => {
  await using all = await plant();
  const { stand, broker, counter } = all;
  const yaml = (sources: string[]) => Deno.writeTextFile(`${stand.home}/config/connector.yaml`, yamlOf({ sources }));
  await yaml([mqttEntry("a", broker.port), mqttEntry("b", broker.port)]);
  await stand.service.reload({ author: "file" });
  await stand.connected("b");
  await yaml(["{ name: a }"]);
  await assert.rejects(stand.service.reload({ author: "file" }), { code: "config_invalid" });
  assert.deepEqual([stand.stateOf("a"), stand.stateOf("b")], ["connected", "connected"]);
  await stand.hasAll("a/n", await counter.stop());
  assert.equal(sessionsOf(broker, "client-a"), 1);
  stand.assertBalanced();
});

Deno.test("gui.read_only refuses changes, says what to do, and lets files be loaded", async () => {
  await using all = await plant();
  const { stand } = all;
  const path = `${stand.home}/config/connector.yaml`;
  const yaml = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, yaml.replace("gui: { enabled: false }", "gui: { enabled: false, read_only: true }"));
  assert.deepEqual((await stand.service.reload({ author: "file" })).effects.connector, [], "it takes effect at once");
  const { service } = stand;
  for (
    const refused of [
      service.apply({ gui: { read_only: false } }, who),
      service.rollback("x", who),
      service.startSource("a", who),
      service.stopSource("a", who),
    ]
  ) {
    await assert.rejects(refused, { code: "config_read_only" });
  }
  assert.equal(service.current().isReadOnly, true);
  assert.match((await service.plan({ sources: [{ name: "a", enabled: false }] })).diff, /\+ .*enabled: false/);
});

Deno.test("gui.read_only of the YAML holds although the pages had set it to false before", async () => {
  await using all = await plant();
  const { stand } = all;
  const path = `${stand.home}/config/connector.yaml`;
  await stand.service.apply({ gui: { read_only: false } }, who);
  const yaml = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, yaml.replace("gui: { enabled: false }", "gui: { enabled: false, read_only: true }"));
  await stand.service.reload({ author: "file" });
  assert.equal(stand.service.current().isReadOnly, true);
  await assert.rejects(stand.service.apply({ gui: { read_only: false } }, who), { code: "config_read_only" });
});

Deno.test("a change that closes the pages is refused, one that moves them is warned of, and a deep one is no defect", async () => {
  await using all = await plant();
  const { stand, stand: { service } } = all;
  const path = `${stand.home}/config/connector.yaml`;
  const yaml = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, yaml.replace("gui: { enabled: false }", `gui: { port: ${freePort()} }`));
  await (await service.reload({ author: "file" })).settled;
  const closing = { gui: { enabled: false } };
  for (const refused of [() => service.apply(closing, who), () => service.plan(closing)]) {
    await assert.rejects(refused, { code: "change_unfit", message: /Write it into config\/connector\.yaml/ });
  }
  assert.match((await service.plan({ gui: { bind: "127.0.0.2" } })).warnings.join(), /^gui\.bind changes/);
  const deep = JSON.parse(`{"gui":${"[".repeat(200_000)}${"]".repeat(200_000)}}`);
  await assert.rejects(service.plan(deep), { code: "change_unfit" });
});

Deno.test("a stop does not wait for a change that is being tried out, and that change leaves nothing behind", async () => {
  await using stack = new AsyncDisposableStack();
  const all = stack.use(await plant({ trialMs: 600_000 }));
  const { stand, counter } = all;
  const change = stand.service.apply({ sources: [mqttPatch("b", freePort())] }, who);
  const refused = assert.rejects(change, /was taken back, and the connector runs as before: the connector stops/);
  await eventually("it is tried out", () => stand.stateOf("b"));
  await counter.stop();
  const app = await stand.engine.lastRun();
  assert.equal(await app?.stop(), true);
  await refused;
  assert.throws(() => stand.state(), Deno.errors.NotFound);
});
