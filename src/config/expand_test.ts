import assert from "node:assert/strict";
import { expand } from "./expand.ts";

const ENV: Readonly<Record<string, string>> = {
  IOT_PORT: "8080",
  MQTT_HOST: "broker",
  OPCUA_EMPTY: "",
  IOT_NESTED: "${IOT_PORT}",
  HOSTNAME: "edge-7",
  CREDENTIALS_DIRECTORY: "/run/credentials/iot",
  PATH: "/bin",
};
const FILES: Readonly<Record<string, string>> = {
  "/run/secrets/password": "pa:ss # word\n",
  "/run/credentials/iot/key": "one\r\n",
  "/run/secrets/large": "x".repeat(70_000),
  "/etc/shadow": "root",
};

function expanded(value: unknown): ReturnType<typeof expand> {
  return expand(value, {
    env: (name) => Object.hasOwn(ENV, name) ? ENV[name] : undefined,
    readTextFile: (path) => {
      const text = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
      return text === undefined ? Promise.reject(new Deno.errors.NotFound(path)) : Promise.resolve(text);
    },
  });
}

const FOLLOWED: readonly (readonly [name: string, written: string, wanted: string])[] = [
  ["a variable", "${IOT_PORT}", "8080"],
  ["a variable within a text", "mqtts://${MQTT_HOST}:${IOT_PORT}/x", "mqtts://broker:8080/x"],
  ["a variable that is empty as what it is", "${OPCUA_EMPTY:-x}", ""],
  ["a default", "${IOT_NONE:-a b}", "a b"],
  ["an empty default", "${IOT_NONE:-}", ""],
  ["a default with :- in it", "${IOT_NONE:-a:-b}", "a:-b"],
  ["a variable that is said to be one", "${env:IOT_PORT}", "8080"],
  ["a default of such a one", "${env:IOT_NONE:-d}", "d"],
  ["a credential of systemd", "${credential:key}", "one"],
  ["the name of the host", "${HOSTNAME}", "edge-7"],
  ["a file, without the end of its last line", "${file:/run/secrets/password}", "pa:ss # word"],
  ["a file of a credential, written on Windows", "${file:/run/credentials/iot/key}", "one"],
  ["$${ as the characters themselves", "$${IOT_PORT}", "${IOT_PORT}"],
  ["a reference in a value as text", "${IOT_NESTED}", "${IOT_PORT}"],
  ["a lone $ as a $", "a$b $ {c}", "a$b $ {c}"],
];

for (const [name, written, wanted] of FOLLOWED) {
  Deno.test(`expand() takes ${name}`, async () => {
    const { value, faults } = await expanded({ a: [written] });
    assert.deepEqual(faults, []);
    assert.deepEqual(value, { a: [wanted] });
  });
}

const REFUSED: readonly (readonly [name: string, written: string, message: RegExp])[] = [
  ["a variable that is not set", "${IOT_NONE}", /^the environment variable IOT_NONE is not set: set it, or write/],
  [
    "a variable of another program",
    "${PATH}",
    /^the variable PATH may not be used: names must begin with DATABRICKS_, /,
  ],
  ["a misspelt beginning, with what was meant", "${DATABRICK_HOST}", /did you mean DATABRICKS_HOST\?$/],
  ["a refused variable though it has a default", "${AWS_KEY:-x}", /^the variable AWS_KEY may not be used/],
  ["a credential with a way out", "${credential:../x}", /must be named by letters, digits/],
  ["a store's secret within a text", "a${secret:x}", /must be all of the value/],
  ["what is no name", "${a b}", /^what stands in \$\{…\} is no name/],
  ["an empty name", "${}", /^what stands in \$\{…\} is no name/],
  ["a brace that is not closed", "x ${IOT_PORT", /^a \$\{ without its \}/],
  [
    "a file outside the places of secrets",
    "${file:/etc/shadow}",
    /must stand under \/run\/secrets\/ or \/run\/credentials\//,
  ],
  ["a way out of the places of secrets", "${file:/run/secrets/../../etc/shadow}", /must be named without '\.\.'$/],
  ["a file that is not there", "${file:/run/secrets/none}", /^cannot read \/run\/secrets\/none: is the secret mounted/],
  ["a file that is too large for a secret", "${file:/run/secrets/large}", /^\/run\/secrets\/large is too large/],
];

for (const [name, written, message] of REFUSED) {
  Deno.test(`expand() refuses ${name}, and names the key`, async () => {
    const { value, faults, expanded: paths } = await expanded({ a: { b: [1, written] } });
    assert.deepEqual(faults.map(({ path }) => path), [["a", "b", 1]]);
    assert.match(faults[0]?.message ?? "", message);
    assert.deepEqual({ value, paths }, { value: { a: { b: [1, written] } }, paths: [] });
  });
}

Deno.test("expand() leaves keys, numbers and switches alone, and says which values it made", async () => {
  const document = { "${IOT_PORT}": 5, a: true, b: null, c: ["${IOT_PORT}", { d: "${MQTT_HOST}" }], __proto__: null };
  const { value, expanded: paths } = await expanded(document);
  assert.deepEqual(value, { "${IOT_PORT}": 5, a: true, b: null, c: ["8080", { d: "broker" }] });
  assert.deepEqual(paths.toSorted(), [["c", 0], ["c", 1, "d"]]);
});

Deno.test("expand() copies nothing of a long list in which there is nothing to replace", async () => {
  const rows = Array.from({ length: 3 }, (_, address) => ({ name: `r${address}`, address }));
  const { value } = await expanded({ rows, name: "${MQTT_HOST}" });
  assert.equal((value as { rows: unknown }).rows, rows); // the object that went in, with its key
});
