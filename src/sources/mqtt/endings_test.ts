import assert from "node:assert/strict";
import { ConfigError, ConnectionError } from "../../core/error.ts";
import { Endings } from "./endings.ts";
import { endedByBroker, endedSilently } from "./errors.ts";

const silent = endedSilently("mqtt://h", "edge");

Deno.test("Endings takes the third short session without a word for another client with our id", () => {
  const endings = new Endings();
  assert.equal(endings.judge(silent, 1000, "edge"), silent);
  assert.equal(endings.judge(silent, 1000, "edge"), silent);
  const failure = endings.judge(silent, 1000, "edge");
  assert.ok(failure instanceof ConfigError, String(failure));
  assert.equal(failure.code, "mqtt_taken_over");
  assert.match(failure.message, /another client uses our client id edge, and the two throw each other out; give each/);
});

Deno.test("Endings begins to count anew after a session that lasted, and after one whose end was explained", () => {
  const other = new ConnectionError("mqtt_session_lost", "Lost the session with mqtt://h: read ECONNRESET");
  for (
    const [error, livedMs] of [[silent, 31_000], [other, 1000], [endedByBroker(0x8b, "mqtt://h", "edge"), 1]] as const
  ) {
    const endings = new Endings();
    endings.judge(silent, 1000, "edge");
    endings.judge(silent, 1000, "edge");
    endings.judge(error, livedMs, "edge");
    assert.equal(endings.judge(silent, 1000, "edge"), silent);
  }
});
