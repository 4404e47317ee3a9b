import assert from "node:assert/strict";
import { tempHome } from "../../../tests/fakes/temp_home.ts";
import { noteMet } from "./met_servers.ts";
import { makePkiFolders } from "./pki_folder.ts";

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 1);

async function bench() {
  const home = await tempHome();
  makePkiFolders(home.path);
  const path = `${home.path}/certs/opcua/met.json`;
  const read = () => JSON.parse(Deno.readTextFileSync(path)) as Record<string, { endpoint: string; time: string }>;
  const note = (mark: string, endpoint: string, hours = 0) =>
    noteMet(home.path, mark, { endpoint, nowMs: START_MS + hours * HOUR_MS });
  return { path, read, note, home: home.path, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

Deno.test("noteMet() keeps where a certificate was shown last, and writes the same once an hour", async () => {
  await using it = await bench();
  it.note("aa", "opc.tcp://one");
  it.note("aa", "opc.tcp://one", 0.5);
  assert.deepEqual(it.read(), { aa: { endpoint: "opc.tcp://one", time: "2026-01-01T00:00:00.000Z" } });
  it.note("aa", "opc.tcp://two", 0.6);
  assert.equal(it.read().aa?.endpoint, "opc.tcp://two");
  it.note("aa", "opc.tcp://two", 2);
  assert.equal(it.read().aa?.time, "2026-01-01T02:00:00.000Z");
});

Deno.test("noteMet() keeps the 300 that were met last", async () => {
  await using it = await bench();
  for (let i = 0; i < 301; i++) it.note(`mark${i}`, "opc.tcp://one");
  it.note("mark1", "opc.tcp://two");
  it.note("new", "opc.tcp://one");
  const marks = Object.keys(it.read());
  assert.deepEqual([marks.length, marks[0], marks.at(-1)], [300, "mark3", "new"]);
  assert.ok(marks.includes("mark1"));
});

Deno.test("noteMet() begins anew where the file is damaged, and hinders nobody where it cannot be written", async () => {
  await using it = await bench();
  Deno.writeTextFileSync(it.path, "{ half");
  it.note("aa", "opc.tcp://one");
  assert.deepEqual(Object.keys(it.read()), ["aa"]);
  noteMet(`${it.home}/nowhere`, "aa", { endpoint: "opc.tcp://one", nowMs: START_MS });
});
