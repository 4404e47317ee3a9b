/** The API of a connector that runs, from its first start to a change that starts it anew inside its process. */
import assert from "node:assert/strict";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";

const YAML = `version: 1
local_sink: { enabled: true }
sources:
  - name: meters
    protocol: modbus
    enabled: false
    endpoint: modbus+tcp://127.0.0.1:1
    modbus: { registers: [{ name: a, address: 1, data_type: uint16 }] }
`;

/** A browser's requests. */
class Browser {
  readonly #base: string;
  #cookie = "";
  #csrf = "";

  constructor(port: number) {
    this.#base = `http://127.0.0.1:${port}/api`;
  }

  // deno-lint-ignore no-explicit-any -- tests look into what the API says
  async ask(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<any> {
    const response = await fetch(`${this.#base}/${path}`, {
      method,
      headers: { cookie: this.#cookie, "x-csrf": this.#csrf, "content-type": "application/json", ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text === "" ? {} : JSON.parse(text);
    this.#cookie = response.headers.get("set-cookie")?.split(";")[0] ?? this.#cookie;
    this.#csrf = answer.csrf ?? this.#csrf;
    return { status: response.status, etag: response.headers.get("etag"), ...answer };
  }
}

Deno.test("The setup code of the log makes an administrator, who changes the configuration and stays logged in", async () => {
  const ports = { gui: freePort(), metrics: freePort() };
  await using connector = await Connector.start({ yaml: YAML, ports });
  const { message } = await connector.logged(/^setup code: /);
  const code = /setup code: ([A-Z]{4}-\d{4}) /.exec(message)?.[1];
  const browser = new Browser(ports.gui);
  assert.equal((await browser.ask("GET", "status")).status, 401);
  const login = { username: "ada", password: "a long pass phrase" };
  assert.equal((await browser.ask("POST", "setup", { code, ...login })).role, "administrator");
  assert.equal((await browser.ask("POST", "setup", { code, ...login })).code, "already_set_up");

  const { etag, config } = await browser.ask("GET", "config");
  assert.equal(config.gui.port, ports.gui);
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
  assert.deepEqual(actions, ["source.remove", "config.rollback", "config.change", "setup"]);
  assert.deepEqual((await browser.ask("GET", "audit/verify")).intact, true);
  assert.equal(await connector.stop(), 0);
  assert.deepEqual(connector.log.filter(({ code }) => code === "bug"), []);
});
