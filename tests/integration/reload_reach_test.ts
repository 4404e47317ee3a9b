/** Changes of the port of pages and API, over the API of a connector in this process. */
import assert from "node:assert/strict";
import { Secret } from "../../src/lib/secret.ts";
import { Access } from "../../src/service/access.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Engine } from "../../src/app/engine.ts";
import { textReader } from "../../src/cli/load.ts";
import { loadConfig } from "../../src/config/mod.ts";

const PASSWORD = "a long pass phrase";

interface Stand extends AsyncDisposable {
  readonly home: string;
  readonly ports: { readonly old: number; readonly new: number };
  ask(port: number, path: string, patch?: unknown): Promise<Response>;
}

async function stand(proofMs: number): Promise<Stand> {
  const home = await Deno.makeTempDir({ prefix: "reach_" });
  const ports = { old: freePort(), new: freePort() };
  await Deno.mkdir(`${home}/config`);
  const yaml = `version: 1\ngui: { port: ${ports.old} }\nmonitoring: { metrics: { enabled: false } }\n`;
  await Deno.writeTextFile(`${home}/config/connector.yaml`, yaml);
  const by = { who: "ada", role: "administrator", user: "ada", from: "127.0.0.1" } as const;
  const access = new Access({ home, clock: systemClock });
  await access.addUser({ name: "ada", role: "administrator", password: new Secret(PASSWORD) }, by);
  const token = access.addToken({ name: "t", role: "administrator", days: 1 }, by).text.reveal();
  const deps = { clock: systemClock, random: Math.random, write: () => {}, env: () => undefined };
  const readTextFile = textReader(home);
  const loaded = await loadConfig({ home, env: deps.env, readTextFile });
  const engine = await Engine.start({ loaded, home, trialMs: 5000, proofMs, readTextFile, ...deps });
  return {
    home,
    ports,
    ask: (port, path, patch) =>
      fetch(`http://127.0.0.1:${port}/api/${path}`, {
        method: patch === undefined ? "GET" : "PUT",
        headers: { authorization: `Bearer ${token}`, "if-match": "*", "content-type": "application/json" },
        ...(patch === undefined ? {} : { body: JSON.stringify(patch) }),
      }),
    async [Symbol.asyncDispose]() {
      await (await engine.lastRun())?.stop();
      await engine[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  };
}

/** Asks until this port answers as it is expected to. */
async function answers(it: Stand, port: number, path: string): Promise<void> {
  await eventually(`${path} at ${port}`, async () => {
    const answer = await it.ask(port, path).catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.ok === true;
  });
}

async function changePort(it: Stand): Promise<void> {
  const answer = await it.ask(it.ports.old, "config", { gui: { port: it.ports.new } });
  const { confirm } = await answer.json();
  assert.equal(answer.status, 202);
  assert.equal(confirm.address, `http://127.0.0.1:${it.ports.new}/`);
}

const stateOf = ({ home }: Stand) => Deno.readTextFile(`${home}/config/connector_state.json`).catch(() => "");

Deno.test("A change of the port holds once an administrator was answered there", async () => {
  await using it = await stand(30_000);
  await changePort(it);
  await eventually("the new port is open", async () => {
    const health = await fetch(`http://127.0.0.1:${it.ports.new}/health/live`).catch(() => undefined);
    await health?.body?.cancel();
    return health?.ok === true;
  });
  const nobody = await fetch(`http://127.0.0.1:${it.ports.new}/api/status`);
  await nobody.body?.cancel();
  assert.equal(nobody.status, 401);
  assert.equal(await stateOf(it), "", "what somebody unknown asks confirms nothing");
  await answers(it, it.ports.new, "status");
  await eventually("it is kept", async () => (await stateOf(it)).includes(`"port": ${it.ports.new}`));
  const { items: [change] } = await (await it.ask(it.ports.new, "config/history")).json();
  assert.equal(change.failure, null);
});

Deno.test("A change of the port that nobody confirms is taken back by itself, and is in the audit as failed", async () => {
  await using it = await stand(300);
  await changePort(it);
  await eventually("it is tried", async () => {
    const health = await fetch(`http://127.0.0.1:${it.ports.new}/health/live`).catch(() => undefined);
    await health?.body?.cancel();
    return health?.ok === true;
  });
  await answers(it, it.ports.old, "status");
  await eventually("the history has it", async () => {
    const { items: [change] } = await (await it.ask(it.ports.old, "config/history")).json();
    return /^The way to the pages was not confirmed: no administrator/.test(change?.failure ?? "");
  });
  const { items } = await (await it.ask(it.ports.old, "audit?what=config.")).json();
  assert.deepEqual(
    items.map(({ action, detail }: { action: string; detail: { state?: string; code?: string } }) => [
      action,
      detail.state ?? detail.code,
    ]),
    [
      ["config.failed", "change_not_confirmed"],
      ["config.change", "restarting"],
      ["config.change", "asked"],
    ],
  );
  assert.equal(await stateOf(it), "");
});
