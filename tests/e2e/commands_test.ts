/** The commands that look after a spool, as users give them: beside a running connector, after a kill, and stopped. */
import assert from "node:assert/strict";
import { startCommand } from "../../tools/start.ts";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { startZerobus, type ZerobusPeer } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import type { Connector } from "./connector.ts";
import { startConnector, stopBalanced } from "./stand.ts";

const ROWS = 30;
const PASSPHRASE = "correct horse battery staple\n";
const TABLE = "iot_data.bronze.mqtt_bronze";

/** Gives commands in processes of their own, with the permissions of the connector. */
class Operator {
  readonly #home: string;
  readonly #env: Record<string, string>;

  /** `env`: what the configuration needs to be loaded. */
  constructor(home: string, env: Record<string, string> = {}) {
    this.#home = home;
    this.#env = env;
  }

  async give(words: readonly string[], input = ""): Promise<{ code: number; out: string; err: string }> {
    const args = startCommand([...words, "--home", this.#home], { isWatched: false });
    const options = { args, cwd: this.#home, env: this.#env };
    const child = new Deno.Command(Deno.execPath(), { ...options, stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
    await new Blob([input]).stream().pipeTo(child.stdin).catch(() => {/* it ended before it read all */});
    const { code, stdout, stderr } = await child.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  }

  /** What it prints, once it has ended with 0 and complained of nothing. */
  async out(words: readonly string[], input = ""): Promise<string> {
    const { code, out, err } = await this.give(words, input);
    assert.deepEqual([code, err], [0, ""], words.join(" "));
    return out;
  }

  async stat() {
    const { rows, dead_letters, balanced, ledger: { total } } = JSON.parse(await this.out(["spool", "stat", "--json"]));
    return { rows, dead_letters, balanced, exported: total.exported, purged: total.purged };
  }

  async ids(): Promise<number[]> {
    const lines = (await this.out(["dlq", "list", "--json"])).split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line).id);
  }
}

/** A connector with rows that wait for a workspace that is away, and three dead letters. */
async function connectorWithRows(stack: AsyncDisposableStack) {
  const zerobus = stack.use(await startZerobus());
  const broker = stack.use(await Mosquitto.start());
  const sources = [
    `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ` +
    `mqtt: { payload: { format: json, value: "$.v" }, topics: [{ topic: "plant/#" }] } }`,
  ];
  const start = (home?: string) => startConnector({ zerobus, sources }, home);
  const connector = await start();
  await connector.logged(/Source line is connected/);
  await zerobus.stop();
  const publisher = stack.use(await connectPublisher(broker.port));
  for (let i = 0; i < 3; i++) await publisher.publish("plant/press", `no JSON ${i}`);
  for (let v = 1; v <= ROWS; v++) await publisher.publish("plant/oven", JSON.stringify({ v }));
  const spooled = () => connector.metric('connector_ledger_records{state="spooled"}');
  await eventually("all are in the spool", async () => await spooled() === ROWS);
  return { zerobus, connector, start };
}

/** Every verb, with what it must do to thirty rows and three dead letters. It ends with the same rows, and one letter. */
async function giveAll(operator: Operator, home: string, round: string): Promise<void> {
  assert.deepEqual(await operator.stat(), { rows: ROWS, dead_letters: 3, balanced: true, exported: 0, purged: 0 });
  assert.match(
    await operator.out(["spool", "verify"]),
    /^readable: rows 30, .*dead letters 3\nNothing is damaged\.\n$/,
  );
  const [newest = 0, second = 0, oldest = 0] = await operator.ids();
  assert.match(await operator.out(["dlq", "show", String(oldest)]), /^payload \(text\): no JSON 0$/m);
  assert.match(await operator.out(["dlq", "export", `letters_${round}`]), /: 3; they are still in the spool\n$/);
  assert.equal(Deno.readTextFileSync(`${home}/letters_${round}`).split("\n").length, 4);
  assert.match(await operator.out(["dlq", "purge", String(oldest)]), /counted as purged: 1\n$/);
  Deno.writeTextFileSync(`${home}/mended.json`, '{"v":31}');
  const mended = ["dlq", "replay", String(second), "--payload-file", "mended.json"];
  assert.match(await operator.out(mended), /^dead letters sent again: 1; rows that they became: 1\n$/);
  const refused = await operator.give(["dlq", "replay", "--all"]);
  assert.deepEqual([refused.code, await operator.ids()], [1, [newest]]);
  assert.match(await operator.out(["keys", "rotate"]), /sealed with a new key/);
  const file = [`rows_${round}`, "--passphrase-stdin"];
  assert.match(await operator.out(["spool", "export", ...file], PASSPHRASE), /counted as exported: 31\n$/);
  assert.match(await operator.out(["spool", "gaps", "--json"]), new RegExp(`"table":"${TABLE}",.*"reason":"exported"`));
  assert.match(await operator.out(["spool", "gaps", "--sql"]), new RegExp(`\\('${TABLE}', '[0-9a-f]{32}', \\d+, `));
  assert.equal((await operator.give(["spool", "import", ...file], "another\n")).code, 1);
  assert.match(await operator.out(["spool", "import", ...file], PASSPHRASE), /: 31\n$/);
  assert.deepEqual(await operator.stat(), { rows: 31, dead_letters: 1, balanced: true, exported: 31, purged: 1 });
}

/** The workspace comes back: all rows arrive, and the connector ends with nothing left. */
async function deliver(connector: Connector, zerobus: ZerobusPeer): Promise<void> {
  await zerobus.start();
  const values = () => new Set(zerobus.rows(TABLE).map(({ value }) => Number(value)));
  await eventually("all rows arrive", () => values().size === 31, 30_000);
  await stopBalanced(connector);
}

Deno.test("Every command for the spool works beside the connector that runs, and the rows arrive afterwards", async () => {
  await using stack = new AsyncDisposableStack();
  const { zerobus, connector } = await connectorWithRows(stack);
  stack.use(connector);
  const file = `${connector.home}/run/cli.token`;
  const { port, token } = JSON.parse(await Deno.readTextFile(file));
  assert.equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: JSON.stringify({ token }) }));
  await giveAll(new Operator(connector.home), connector.home, "running");
  await deliver(connector, zerobus);
  assert.throws(() => Deno.statSync(file), Deno.errors.NotFound, "a clean stop takes it away");
  assert.ok(!JSON.stringify(connector.log).includes(token));
  const told = connector.log.filter((line) => line.command !== undefined).map((
    line,
  ) => [line.command, line.exit_code, line.rows]);
  assert.deepEqual(told, [
    ["dlq export", 0, undefined],
    ["dlq purge", 0, undefined],
    ["dlq replay", 0, 1],
    ["dlq replay", 1, 0],
    ["keys rotate", 0, undefined],
    ["spool export", 0, 31],
    ["spool import", 1, undefined],
    ["spool import", 0, 31],
  ]);
});

Deno.test("Every command for the spool works after the connector was killed, and the rows arrive after the next start", async () => {
  await using stack = new AsyncDisposableStack();
  const { zerobus, connector, start } = await connectorWithRows(stack);
  const { home } = connector;
  await connector.kill();
  assert.ok(Deno.statSync(`${home}/run/cli.token`).isFile, "a kill leaves it");
  await giveAll(new Operator(home, { DATABRICKS_CLIENT_SECRET: zerobus.clientSecret }), home, "stopped");
  const next = stack.use(await start(home));
  await new Operator(home).stat();
  await deliver(next, zerobus);
});
