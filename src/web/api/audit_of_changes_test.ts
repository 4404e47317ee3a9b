/** What the audit says of changes that were refused or taken back, and of who only looks. */
import assert from "node:assert/strict";
import { type ApiStand, apiStand } from "../../../tests/fakes/api_stand.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { eventually } from "../../../tests/wait.ts";
import { ConfigError } from "../../core/error.ts";
import type { Applied, ConfigService } from "../../service/config_service.ts";

const EFFECTS = { starts: [], stops: [], restarts: [], connector: ["gui"] };
const CHANGED = { diff: "+ a\n", paths: "gui.port", sha256: "f".repeat(64), effects: EFFECTS };

/** What changes the configuration, with this for an outcome. */
function changing(apply: () => Promise<Applied>): ConfigService {
  const refuse = () => Promise.reject(new ConfigError("change_unfit", "The plan is not taken"));
  return { apply, plan: refuse, noteReached: () => {} } as unknown as ConfigService; // all that these routes ask
}

const change = { body: {}, headers: { "if-match": "*" } };

function newest({ access }: ApiStand, count: number) {
  return [...access.audit.newest()].slice(0, count).map(({ who, action, target, detail }) => ({
    line: `${who} ${action} ${target}`,
    detail,
  }));
}

Deno.test("A change that is refused has a line that says so, with who and why", async () => {
  const refuse = () => Promise.reject(new ConfigError("config_read_only", "by files alone"));
  await using it = await apiStand({ changes: changing(refuse) });
  const admin = await it.login("administrator");
  assert.equal((await admin("PUT", "/api/config", change)).status, 403);
  const { who } = admin.self;
  assert.deepEqual(newest(it, 2), [
    {
      line: `${who} config.change config`,
      detail: { state: "refused", code: "config_read_only", reason: "by files alone" },
    },
    { line: `${who} config.change config`, detail: { state: "asked" } },
  ]);
});

Deno.test("Other changes that are asked for and refused have that line too", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  for (
    const [method, path, action] of [
      ["DELETE", "/api/dlq/99", "dlq.purge"],
      ["DELETE", `/api/trust/${"0".repeat(64)}`, "trust.remove"],
      ["DELETE", "/api/certs/0000000000000000", "certs.remove"],
    ] as const
  ) {
    assert.equal((await admin(method, path)).status, 404, path);
    const [{ line, detail } = assert.fail()] = newest(it, 1);
    assert.match(line, new RegExp(` ${action} `));
    assert.equal(detail.state, "refused");
  }
});

Deno.test("Plans that are refused while somebody types are one line, and one with how many", async () => {
  const clock = new FakeClock();
  await using it = await apiStand({ clock, changes: changing(() => assert.fail()) });
  const admin = await it.login("administrator");
  for (let i = 0; i < 5; i++) assert.equal((await admin("POST", "/api/config/plan", { body: {} })).status, 422);
  const plans = () => newest(it, 9).filter(({ line }) => line.includes("config.plan"));
  assert.deepEqual(plans().map(({ detail }) => detail), [
    { state: "refused", code: "change_unfit", reason: "The plan is not taken" },
  ]);
  await clock.advance(300_000);
  await admin("GET", "/api/audit");
  assert.equal(plans()[0]?.detail.more_times, 4);
});

Deno.test("A change that starts anew and is taken back has a line config.failed, and says what had to be confirmed", async () => {
  const { promise: settled, reject } = Promise.withResolvers<void>();
  const confirmation = { withinSeconds: 60, address: "http://*:8081/" };
  const outcome: Applied = { id: "7", state: "restarting", settled, ...CHANGED, confirmation };
  await using it = await apiStand({ changes: changing(() => Promise.resolve(outcome)) });
  const admin = await it.login("administrator");
  const { status, body } = await admin("PUT", "/api/config", change);
  assert.deepEqual([status, body.confirm.within_seconds, body.confirm.address], [202, 60, "http://localhost:8081/"]);
  assert.match(
    body.confirm.text,
    /^The change holds once an administrator is answered at http:\/\/localhost:8081\/: log in/,
  );
  const [{ detail } = assert.fail()] = newest(it, 1);
  const { diff, paths, sha256 } = CHANGED;
  assert.deepEqual(detail, { state: "restarting", change: "7", paths, diff_sha256: sha256, diff });
  reject(new ConfigError("change_not_confirmed", "nobody came"));
  await eventually("it is noted", () => newest(it, 1)[0]?.line === `${admin.self.who} config.failed config`);
  assert.deepEqual(newest(it, 1)[0]?.detail, {
    asked: "config.change",
    change: "7",
    code: "change_not_confirmed",
    reason: "nobody came",
  });
});

Deno.test("A change that was tried and taken back at once has a line config.failed", async () => {
  const refuse = () => Promise.reject(new ConfigError("change_not_applied", "it does not start"));
  await using it = await apiStand({ changes: changing(refuse) });
  const admin = await it.login("administrator");
  assert.equal((await admin("PUT", "/api/config", change)).status, 409);
  assert.deepEqual(newest(it, 1), [{
    line: `${admin.self.who} config.failed config`,
    detail: { asked: "config.change", code: "change_not_applied", reason: "it does not start" },
  }]);
});

Deno.test("Who polls or exports dead letters is in the audit once in five minutes, with how often", async () => {
  const clock = new FakeClock();
  await using it = await apiStand({ clock });
  const viewer = await it.login("viewer");
  const lines = (action: string) => newest(it, 50).filter(({ line }) => line === `${viewer.self.who} ${action} dlq`);
  for (let i = 0; i < 20; i++) {
    await viewer("GET", i % 2 ? "/api/dlq" : "/api/dlq/7");
    await viewer("GET", "/api/dlq/export");
    await clock.advance(10_000);
  }
  assert.deepEqual([lines("dlq.read").length, lines("dlq.export").length], [1, 1]);
  await clock.advance(300_000);
  await viewer("GET", "/api/dlq");
  assert.deepEqual(lines("dlq.read").map(({ detail }) => detail.more_times), [undefined, 19, undefined]);
  assert.deepEqual(lines("dlq.export").map(({ detail }) => detail.more_times), [19, undefined]);
});

Deno.test("Dead letters are told although the audit cannot be written", async () => {
  await using it = await apiStand();
  const viewer = await it.login("viewer");
  await Deno.remove(`${it.home}/audit/lock`);
  await Deno.mkdir(`${it.home}/audit/lock`);
  assert.equal((await viewer("GET", "/api/dlq")).status, 200);
  assert.equal((await viewer("GET", "/api/dlq/export")).status, 503);
  assert.equal(it.log.lines.some(({ message }) => message.startsWith("Cannot write the audit")), true);
});

Deno.test("Lines about tokens and by tokens name the token and its owner", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  const { body: { id, token } } = await admin("POST", "/api/tokens", {
    body: { name: "scada", role: "administrator" },
  });
  const owner = admin.self.user;
  assert.deepEqual(newest(it, 1)[0]?.detail, { id, owner, role: "administrator" });
  const headers = { authorization: `Bearer ${token}` };
  await it.anybody("PUT", "/api/logs/level", { headers, body: { level: "debug" } });
  const [{ line, detail } = assert.fail()] = newest(it, 1);
  assert.match(line, /^token scada logs\.level/);
  assert.deepEqual([detail.by_token, detail.by_owner], [id, owner]);
  await admin("DELETE", `/api/tokens/${id}`);
  assert.deepEqual(newest(it, 1)[0]?.detail, { id, owner, role: "administrator" });
});
