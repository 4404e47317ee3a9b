/** The API of a connector that runs, from its first start to a change that starts it anew inside its process. */
import assert from "node:assert/strict";
import { eventually } from "../wait.ts";
import { BrowserClient, PASSWORD, startApi } from "./running_api.ts";

Deno.test("The setup code of the log makes an administrator, who changes the configuration and stays logged in", async () => {
  await using api = await startApi();
  const { connector, base } = api;
  const { message } = await connector.logged(/^setup code: /);
  const code = /setup code: ([A-Z]{4}-\d{4}) /.exec(message)?.[1];
  const browser = new BrowserClient(base);
  assert.equal((await browser.ask("GET", "status")).status, 401);
  const login = { username: "ada", password: PASSWORD };
  assert.equal((await browser.ask("POST", "setup", { code, ...login })).role, "administrator");
  assert.equal((await browser.ask("POST", "setup", { code, ...login })).code, "already_set_up");

  const { etag, config } = await browser.ask("GET", "config");
  assert.equal(config.gui.port, Number(new URL(base).port));
  const patch = { processing: { batch: { max_size: 77 } } };
  assert.match((await browser.ask("POST", "config/plan", patch)).diff, /\+ +max_size: 77/);
  assert.equal((await browser.ask("PUT", "config", patch)).code, "version_missing");
  const changed = await browser.ask("PUT", "config", patch, { "if-match": etag });
  assert.deepEqual([changed.status, changed.state], [202, "restarting"]);
  await eventually("it holds, and the session does too", async () => {
    const found = await browser.ask("GET", "config").catch(() => undefined);
    return found?.config?.processing.batch.max_size === 77;
  });
  const again = await browser.ask("PUT", "config", { gui: { read_only: true } }, { "if-match": etag });
  assert.deepEqual([again.status, again.code], [412, "config_changed"]);
  const back = await browser.ask("POST", `config/rollback/${changed.id}`);
  assert.equal(back.state, "restarting");
  await eventually("it is as before", async () => {
    const found = await browser.ask("GET", "config").catch(() => undefined);
    return found?.config?.processing.batch.max_size === 1000;
  });
  const wrong = await browser.ask("PUT", "sources/meters", { modbus: { registers: [{ name: "" }] } }, {
    "if-match": "*",
  });
  assert.equal(wrong.code, "config_invalid");
  assert.match(wrong.errors[0].path, /^sources\[0\]\.modbus\.registers\[0\]/);
  assert.equal((await browser.ask("DELETE", "sources/meters")).status, 200);
  assert.equal((await browser.ask("GET", "sources")).total, 0);
  type Line = { action: string; detail: { state?: string } };
  const lines: Line[] = (await browser.ask("GET", "audit")).items;
  const actions = lines.filter(({ detail }) => detail.state !== "asked").map(({ action }) => action);
  const refused = lines.filter(({ detail }) => detail.state === "refused").map(({ action }) => action);
  assert.deepEqual(refused, ["source.change", "config.change"]);
  assert.deepEqual(actions, [
    "source.remove",
    "source.change",
    "config.rollback",
    "config.change",
    "config.change",
    "setup",
  ]);
  assert.deepEqual((await browser.ask("GET", "audit/verify")).intact, true);
  assert.equal(await connector.stop(), 0);
  assert.deepEqual(connector.log.filter(({ code }) => code === "bug"), []);
});
