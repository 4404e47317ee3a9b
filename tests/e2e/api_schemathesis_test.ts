/**
 * The API of a running connector against its own document, by Schemathesis: requests that the document allows and some
 * that it does not, from an administrator, a viewer and somebody unknown, and answers that must be as documented.
 * API_EXAMPLES=200 has it try longer.
 */
import assert from "node:assert/strict";
import { startModbusServer } from "../peers/modbus_server.ts";
import { PYTHON } from "../peers/provision.ts";
import { type RunningApi, startApi } from "./running_api.ts";

/** Two sources of one device that answers: one to be looked at and stopped, and one to be removed. */
const yaml = (port: number) =>
  `version: 1
local_sink: { enabled: true }
sources:
${["meters", "spare"].map((name) => entry(name, port)).join("\n")}
`;
const entry = (name: string, port: number) =>
  `  - { name: ${name}, protocol: modbus, endpoint: "modbus+tcp://127.0.0.1:${port}", ` +
  `modbus: { registers: [{ name: a, address: 1, data_type: uint16 }] } }`;

const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "response_headers_conformance",
];

/** What a path must name for a request to get anywhere. A version that is always right would make every change an accident. */
const NAMES = `
[parameters]
"path.name" = "meters"

[[operations]]
include-name = "DELETE /api/sources/{name}"
parameters = { "path.name" = "spare" }

[[operations]]
include-path-regex = "^/api/users/"
parameters = { "path.name" = "spare" }
`;

/** A stream has no end; tests/e2e/gui_load_test.ts reads it. */
const LEFT_OUT = "^/api/events$";

interface Asking {
  readonly who: string;
  readonly token: string | undefined;
  readonly checks: readonly string[];
  readonly phases: string;
}

Deno.test("Every answer of the API is as its document says, whoever asks, and whatever Schemathesis asks", async (t) => {
  await using device = startModbusServer();
  await using api = await startApi({ yaml: yaml(device.port) });
  const administrator = await api.token("ada", "administrator");
  await writeDocument(api, administrator);
  const askers: readonly Asking[] = [
    { who: "somebody unknown", token: undefined, checks: CHECKS, phases: "coverage" },
    { who: "a viewer", token: await api.token("vera", "viewer"), checks: CHECKS, phases: "coverage" },
    {
      who: "an administrator",
      token: administrator,
      checks: [...CHECKS, "negative_data_rejection"],
      phases: "coverage,fuzzing",
    },
  ];
  for (const asking of askers) {
    await t.step(asking.who, async () => {
      const { code, told } = await schemathesis(api, asking);
      assert.equal(code, 0, told.slice(told.indexOf("= FAILURES =")).slice(0, 20_000));
      assert.match(told, /Test cases:\n +\d{3,} generated/);
    });
  }
  assert.deepEqual(api.connector.log.filter(({ code }) => code === "bug"), []);
});

async function writeDocument({ base, connector }: RunningApi, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const document = await (await fetch(`${base}/api/openapi.json`, { headers })).text();
  await Deno.writeTextFile(`${connector.home}/openapi.json`, document);
  await Deno.writeTextFile(`${connector.home}/schemathesis.toml`, NAMES);
}

async function schemathesis({ base, connector }: RunningApi, { token, checks, phases }: Asking) {
  const { code, stdout } = await new Deno.Command(PYTHON.replace(/python$/, "schemathesis"), {
    args: [
      ...["run", "openapi.json", "--url", base, "--exclude-path-regex", LEFT_OUT],
      ...token === undefined ? [] : ["--header", `Authorization: Bearer ${token}`],
      ...["--phases", phases, "--max-examples", Deno.env.get("API_EXAMPLES") ?? "4", "--generation-deterministic"],
      ...["--checks", checks.join(","), "--continue-on-failure", "--warnings", "off"],
    ],
    cwd: connector.home,
  }).output();
  return { code, told: new TextDecoder().decode(stdout) };
}
