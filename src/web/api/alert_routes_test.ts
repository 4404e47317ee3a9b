import assert from "node:assert/strict";
import { apiStand } from "../../../tests/fakes/api_stand.ts";

Deno.test("alerts are told, the worst first, with what a person made of them", async () => {
  await using stand = await apiStand();
  const otto = await stand.login("operator");
  const { body } = await otto("GET", "/api/alerts");
  const [first, second] = body.active;
  assert.deepEqual([first.rule, first.subject, first.state], ["source_down", "meters", "firing"]);
  assert.deepEqual([second.rule, second.subject, second.state], ["queue", null, "pending"]);
  assert.equal(body.destinations[0].last_error.message, "no");
  const done = await otto("POST", `/api/alerts/${first.id}/ack`);
  assert.deepEqual([done.status, done.body.state, done.body.acknowledged_by], [200, "acknowledged", otto.self.who]);
  const silenced = await otto("POST", `/api/alerts/${first.id}/silence`, { body: { minutes: 60 } });
  assert.equal(silenced.body.state, "silenced");
  assert.equal(Date.parse(silenced.body.silenced_until), stand.clock.nowUs() / 1000 + 3_600_000);
  const ended = await otto("POST", `/api/alerts/${first.id}/silence`, { body: { minutes: 0 } });
  assert.deepEqual([ended.body.state, ended.body.silenced_until], ["acknowledged", null]);
  const { body: { items } } = await otto("GET", "/api/alerts/history");
  const changes = items.map(({ change }: { change: string }) => change);
  assert.deepEqual(changes, ["silence_ended", "silenced", "acknowledged", "fired"]);
});

Deno.test("a viewer sees alerts and changes nothing; what does not stand cannot be acknowledged", async () => {
  await using stand = await apiStand();
  const [viewer, operator] = [await stand.login("viewer"), await stand.login("operator")];
  const { body: { active: [firing, pending] } } = await viewer("GET", "/api/alerts");
  assert.equal((await viewer("POST", `/api/alerts/${firing.id}/ack`)).status, 403);
  assert.equal((await viewer("POST", `/api/alerts/${firing.id}/silence`, { body: { minutes: 5 } })).status, 403);
  assert.equal((await operator("POST", `/api/alerts/${pending.id}/ack`)).body.code, "alert_not_firing");
  assert.equal((await operator("POST", "/api/alerts/0000000000000000/ack")).status, 404);
  assert.equal((await operator("POST", `/api/alerts/${firing.id}/silence`, { body: { minutes: 1e6 } })).status, 422);
  assert.equal((await stand.anybody("GET", "/api/alerts")).status, 401);
});

Deno.test("the history of metrics has a value for every step, and null where nobody knows", async () => {
  await using stand = await apiStand();
  const viewer = await stand.login("viewer");
  const { body } = await viewer("GET", "/api/metrics/history?step=minute");
  assert.deepEqual([body.step_seconds, body.times.length, body.values.read.length], [60, 1440, 1440]);
  assert.equal(body.values.read[0], null);
  assert.equal((await viewer("GET", "/api/metrics/history?source=nobody")).status, 404);
});
