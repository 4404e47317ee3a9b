import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { type Effects, effectsOf } from "./effects.ts";

const entry = (name: string, more = "", password = "old-one") =>
  `  - { name: ${name}, protocol: mqtt, endpoint: mqtt://127.0.0.1:1883${more}, ` +
  `mqtt: { client_id: ${name}, username: u, password: ${password}, topics: [{ topic: a }] } }\n`;
const yaml = (sources: string, more = "") => `version: 1\nlocal_sink: { enabled: true }\n${more}sources:\n${sources}`;
const NONE: Effects = { starts: [], stops: [], restarts: [], connector: [] };

for (
  const [name, before, after, effects] of [
    ["nothing of what is written in another way", yaml(entry("a")), yaml(entry("a", ", enabled: true")), {}],
    ["a start of what is new", yaml(entry("a")), yaml(entry("a") + entry("b")), { starts: ["b"] }],
    ["a stop of what is disabled", yaml(entry("a")), yaml(entry("a", ", enabled: false")), { stops: ["a"] }],
    ["a restart of what has another secret", yaml(entry("a")), yaml(entry("a", "", "new-one")), { restarts: ["a"] }],
    [
      "nothing of a disabled source that changed",
      yaml(entry("a", ", enabled: false")),
      yaml(entry("a", ", enabled: false, table: t")),
      {},
    ],
    [
      "a new start of the connector with all its sources",
      yaml(entry("a")),
      yaml(entry("a") + entry("b"), "processing: { batch: { max_size: 7 } }\n"),
      { starts: ["b"], restarts: ["a"], connector: ["processing"] },
    ],
    [
      "nothing of what is read when it is needed",
      yaml(entry("a")),
      yaml(entry("a"), "gui: { read_only: true }\ndeployment: { shutdown: { grace_period_seconds: 9 } }\n"),
      {},
    ],
  ] as const
) {
  Deno.test(`effectsOf() tells of ${name}`, async () => {
    assert.deepEqual(effectsOf(await loadText(before), await loadText(after)), { ...NONE, ...effects });
  });
}
