/** Every YAML block of the documents is one that the connector takes as it stands. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { ConfigFileError, findingLine, loadConfig } from "../../src/config/mod.ts";
import { allBlocks, type Block } from "./documents.ts";

type Json = Readonly<Record<string, unknown>>;

/** A source of each protocol that a piece is put into. */
const SOURCES: Json = {
  opcua: { endpoint: "opc.tcp://127.0.0.1:4840", opcua: { nodes: [{ node_id: "ns=2;s=a" }] } },
  mqtt: { endpoint: "mqtt://127.0.0.1", mqtt: { topics: [{ topic: "a/b" }] } },
  modbus: {
    endpoint: "modbus+tcp://127.0.0.1",
    modbus: { registers: [{ name: "a", address: 1, data_type: "int16" }] },
  },
};

/** Where rows go in a block that is about where they come from. */
const SINK = "local_sink: { enabled: true }\n";

const blocks = allBlocks().filter(({ language }) => language === "yaml");
const whole = blocks.filter(({ mark }) => mark === undefined || mark.kind === "part of");

for (const block of whole) {
  Deno.test(`The YAML of ${block.place} is a configuration that the connector takes`, async () => {
    assert.deepEqual(await faultsIn(configOf(block), filesOf(block)), []);
  });
}

Deno.test("A wrong key in a block of YAML is found, in a whole file and in a part", async () => {
  const about = { place: "x.md:1", file: "x.md", language: "yaml" };
  const text = "gui: { prot: 1 }\n";
  assert.match(String(await faultsIn(configOf({ ...about, text, mark: undefined }), {})), /gui\.prot/);
  const part = { ...about, text: "topics: [{ topics: a }]\n", mark: { kind: "part of", text: "sources[mqtt].mqtt" } };
  assert.match(String(await faultsIn(configOf(part as Block), {})), /topics\[0\]\.topics/);
  const idle = "backpressure: { disk_spool: { encryption: false } }\n";
  assert.match(String(await faultsIn(configOf({ ...about, text: idle, mark: undefined }), {})), /not in effect/);
});

function configOf({ text, mark }: Block): string {
  if (!mark) return /^(zerobus|local_sink):/m.test(text) ? text : `${text}${SINK}`;
  const part: unknown = parse(text);
  const [first = "", ...path] = mark.text.split(".");
  const [, protocol] = /^sources\[(\w+)\]$/.exec(first) ?? [];
  if (protocol === undefined) return JSON.stringify(under([first, ...path], part));
  const plain = { name: "a", protocol, ...SOURCES[protocol] as Json };
  return `sources: ${JSON.stringify([joined(plain, path.length > 0 ? under(path, part) : part)])}\n${SINK}`;
}

/** The part at a path; a name with `[]` behind it is a list of one. */
function under(path: readonly string[], part: unknown): unknown {
  return path.reduceRight((inner, name) => {
    return name.endsWith("[]") ? { [name.slice(0, -2)]: [inner] } : { [name]: inner };
  }, part);
}

/** Objects, and the first members of lists, become one; of all else the later counts. */
function joined(a: unknown, b: unknown): unknown {
  if (Array.isArray(a) && Array.isArray(b)) return b.map((each, at) => at === 0 ? joined(a[0], each) : each);
  if (!isObject(a) || !isObject(b)) return b;
  return { ...a, ...Object.fromEntries(Object.entries(b).map(([key, value]) => [key, joined(a[key], value)])) };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Files of the home that the same document shows. */
function filesOf({ file }: Block): Readonly<Record<string, string>> {
  const own = blocks.filter((block) => block.file === file && block.mark?.kind === "is");
  return Object.fromEntries(own.map(({ mark, text }) => [`/home/${mark?.text}`, text]));
}

/** Errors, and keys without effect. Every variable of the environment is set, and every mounted secret is there. */
async function faultsIn(yaml: string, files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const readTextFile = (path: string) => {
    const text = files[path] ?? (path.startsWith("/run/") ? "secret" : undefined);
    return text === undefined ? Promise.reject(new Deno.errors.NotFound(path)) : Promise.resolve(text);
  };
  try {
    const { warnings } = await loadConfig({ home: "/home", yaml, env: () => "4f5c", readTextFile });
    return warnings.filter(({ message }) => /not in effect|no meaning/.test(message)).map((each) =>
      findingLine("block", each)
    );
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    return error.findings.filter(({ severity }) => severity === "error").map((each) => findingLine("block", each));
  }
}
