/**
 * The API of a running connector against its own document, by Schemathesis: requests that the document allows and some
 * that it does not, and answers that must be as documented. API_EXAMPLES=200 has it try longer.
 */
import assert from "node:assert/strict";
import { systemClock } from "../../src/lib/clock.ts";
import { Secret } from "../../src/lib/secret.ts";
import { Access, type Caller } from "../../src/service/access.ts";
import { freePort } from "../peers/process.ts";
import { PYTHON } from "../peers/provision.ts";
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
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "response_headers_conformance",
  "negative_data_rejection",
];
/** What has no end, ends the token that is used, or waits half a minute for a device that is not there. */
const LEFT_OUT =
  "/api/(events|session|me/|users|tokens/|config$|config/re|config/rollback|sources/[{]name[}](/start|/browse)?$|dlq/export)";

Deno.test("Every answer of the API is as its document says, whatever Schemathesis asks", async () => {
  const ports = { gui: freePort(), metrics: freePort() };
  await using connector = await Connector.start({ yaml: YAML, ports });
  const token = await tokenIn(connector.home);
  const base = `http://127.0.0.1:${ports.gui}`;
  const authorization = `Bearer ${token}`;
  const document = await (await fetch(`${base}/api/openapi.json`, { headers: { authorization } })).text();
  await Deno.writeTextFile(`${connector.home}/openapi.json`, document);
  const { code, stdout } = await new Deno.Command(PYTHON.replace(/python$/, "schemathesis"), {
    args: [
      ...["run", "openapi.json", "--url", base, "--header", `Authorization: ${authorization}`],
      ...["--phases", "coverage,fuzzing", "--max-examples", Deno.env.get("API_EXAMPLES") ?? "5"],
      ...["--checks", CHECKS.join(","), "--exclude-path-regex", LEFT_OUT, "--generation-deterministic"],
    ],
    cwd: connector.home,
  }).output();
  const told = new TextDecoder().decode(stdout);
  assert.equal(code, 0, told.slice(told.indexOf("= FAILURES =")).slice(0, 10_000));
  assert.match(told, /Test cases:\n +\d{3,} generated/);
  assert.deepEqual(connector.log.filter(({ code }) => code === "bug"), []);
});

/** What an administrator would make in a browser. */
async function tokenIn(home: string): Promise<string> {
  const access = new Access({ home, clock: systemClock });
  const by: Caller = { who: "test", role: "administrator", user: "ada", from: "" };
  await access.addUser({ name: "ada", role: "administrator", password: new Secret("a long pass phrase") }, by);
  return access.addToken({ name: "fuzzer", role: "administrator", days: 1 }, by).text.reveal();
}
