import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { loadText } from "../../tests/fakes/config_file.ts";
import { ZerobusDoctor } from "./zerobus_doctor.ts";

const YAML = `version: 1
zerobus:
  enabled: true
  workspace_host: https://one.cloud.databricks.com
  zerobus_endpoint: https://1.zerobus.eu.cloud.databricks.com
  auth: { client_id: c, client_secret: s }
`;

/** Whose bundle of authorities is read when `read` is called. */
async function bench() {
  const bundle = Promise.withResolvers<{ extraRoots: undefined; proxy: undefined }>();
  const doctor = new ZerobusDoctor({ clock: new FakeClock(), version: "1", network: () => bundle.promise });
  const loaded = await loadText(YAML);
  const begin = (signal = new AbortController().signal) => doctor.begin(loaded, signal);
  return { begin, bundle };
}

const TOO_MANY = { code: "too_many_looks" };

Deno.test("ZerobusDoctor lets two of many begin that come at once, however long a bundle takes to be read", async () => {
  const { begin, bundle } = await bench();
  const all = Array.from({ length: 8 }, () => begin());
  bundle.resolve({ extraRoots: undefined, proxy: undefined });
  const states = (await Promise.allSettled(all)).map(({ status }) => status);
  assert.deepEqual(states, ["fulfilled", "fulfilled", ...Array(6).fill("rejected")]);
  await assert.rejects(begin(), TOO_MANY);
});

Deno.test("ZerobusDoctor lets others begin after tests that were left before anything was read of them", async () => {
  const { begin, bundle } = await bench();
  bundle.resolve({ extraRoots: undefined, proxy: undefined });
  const leaving = new AbortController();
  const first = await begin();
  await begin(leaving.signal);
  await assert.rejects(begin(), TOO_MANY);
  await first.return(undefined);
  await begin();
  await assert.rejects(begin(), TOO_MANY);
  leaving.abort();
  await begin();
});

Deno.test("ZerobusDoctor counts no test whose bundle cannot be read", async () => {
  const { begin, bundle } = await bench();
  bundle.reject(new Error("unreadable"));
  for (let i = 0; i < 4; i++) await assert.rejects(begin(), /unreadable/);
});
