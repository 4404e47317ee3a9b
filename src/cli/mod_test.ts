import assert from "node:assert/strict";
import { homeWith, outcomeOf } from "../../tests/fakes/terminal.ts";
import { VERSION } from "../lib/version.ts";

const GOOD = `version: 1
local_sink: { enabled: true }
sources:
  - name: meter
    protocol: modbus
    endpoint: modbus+tcp://10.0.0.1
    modbus: { registers: [{ name: voltage, address: 0 }] }
  - { name: spare, protocol: modbus, enabled: false, endpoint: modbus+tcp://10.0.0.2, modbus: { registers: [{ name: a, address: 0 }] } }
`;

Deno.test("--help prints every command with its summary, and succeeds", async () => {
  for (const words of [["--help"], ["-h"], ["check", "--help"]]) {
    const { code, out, err } = await outcomeOf(words);
    assert.deepEqual([code, err], [0, ""]);
    for (
      const name of [
        "run ",
        "check ",
        "test-source NAME",
        "browse NAME",
        "spool stat|verify|gaps|export|import",
        "dlq list|show|replay|export|purge",
        "keys rotate",
        "version ",
      ]
    ) {
      assert.ok(out.includes(`\n  ${name}`), `${name} in ${out}`);
    }
  }
});

const MISUSES: readonly (readonly [words: string[], says: RegExp])[] = [
  [["chekc"], /^There is no command chekc\.\nUsage: /],
  [["version", "--jsno"], /^Unknown option '--jsno'.*\nUsage: /],
  [["check", "--json"], /^The command check takes no --json\.\nUsage: /],
  [["--json"], /^The command run takes no --json\.\nUsage: /],
  [["check", "--home"], /^Option '--home <value>' argument missing\nUsage: /],
  [["check", "nonsense"], /^The command check does not know what to do with nonsense\.\nUsage: /],
];

for (const [words, says] of MISUSES) {
  Deno.test(`${words.join(" ")} is told apart from a failure: what is wrong, the usage, and 64`, async () => {
    const { code, out, err } = await outcomeOf(words);
    assert.deepEqual([code, out], [64, ""]);
    assert.match(err, says);
  });
}

Deno.test("version prints one line, or JSON", async () => {
  assert.deepEqual(await outcomeOf(["version"]), {
    code: 0,
    out: `iot-connector ${VERSION} (Deno ${Deno.version.deno})\n`,
    err: "",
  });
  const { out } = await outcomeOf(["version", "--json"]);
  assert.deepEqual(JSON.parse(out), { version: VERSION, deno: Deno.version.deno });
  assert.equal(out.indexOf("\n"), out.length - 1, "one line");
});

Deno.test("check prints the configuration in effect, and a summary on standard error", async () => {
  await using home = await homeWith(GOOD);
  const { code, out, err } = await outcomeOf(["check", "--home", home.path]);
  assert.equal(code, 0);
  assert.match(out, /^version: 1$/m);
  assert.match(out, /poll_interval_seconds: 1$/m, "defaults are shown");
  assert.equal(err, "config/connector.yaml is valid: 1 of 2 sources enabled.\n");
});

Deno.test("options may stand before and after the command", async () => {
  await using home = await homeWith(GOOD);
  const after = await outcomeOf(["check", "--home", home.path]);
  assert.deepEqual(await outcomeOf(["--home", home.path, "check"]), after);
  assert.deepEqual(await outcomeOf([`--home=${home.path}/.//`, "check"]), after);
});

Deno.test("check reads the file that --config names, relative to the home directory", async () => {
  await using home = await homeWith("version: 1\nnonsense: true\n");
  await Deno.writeTextFile(`${home.path}/other.yaml`, GOOD);
  const { code, err } = await outcomeOf(["check", "--home", home.path, "--config", "other.yaml"]);
  assert.deepEqual([code, err], [0, "other.yaml is valid: 1 of 2 sources enabled.\n"]);
});

Deno.test("check says every mistake with its place and ends with 78; it prints no configuration", async () => {
  await using home = await homeWith(GOOD.replace("registers: [{ name: voltage,", "registerz: [{ name: voltage,"));
  const { code, out, err } = await outcomeOf(["check", "--home", home.path]);
  assert.deepEqual([code, out], [78, ""]);
  assert.match(err, /^config\/connector\.yaml:7:\d+ sources\[0\]\.modbus\.registerz: .*registers/m);
});

Deno.test("check shows a secret neither in the configuration nor in a mistake about it", async () => {
  await using home = await homeWith(`${GOOD}  - name: line
    protocol: mqtt
    endpoint: mqtt://10.0.0.3
    mqtt: { username: "\${MQTT_USERNAME:-}", password: "\${MQTT_PASSWORD}", topics: [{ topic: "#" }] }
`);
  for (const [who, wanted] of [["edge", 0], ["", 78]] as const) {
    const env = { MQTT_PASSWORD: "hunter2", MQTT_USERNAME: who };
    const { code, out, err } = await outcomeOf(["check", "--home", home.path], { env });
    assert.equal(code, wanted, err);
    assert.doesNotMatch(out + err, /hunter2/);
  }
});

Deno.test("check names the file that is not there, and what to do", async () => {
  await using home = await homeWith(GOOD);
  const { code, err } = await outcomeOf(["check", "--home", home.path, "--config", "none.yaml"]);
  assert.equal(code, 78);
  assert.match(err, /none\.yaml does not exist: copy the sample .* or name another file with --config\n$/);
});

Deno.test("check follows no link in the home directory", async () => {
  await using home = await homeWith(GOOD);
  await Deno.symlink("connector.yaml", `${home.path}/config/link.yaml`);
  const { code, err } = await outcomeOf(["check", "--home", home.path, "--config", "config/link.yaml"]);
  assert.equal(code, 78);
  assert.match(err, /^config\/link\.yaml:1:1 cannot be read: \S+\/config\/link\.yaml is a symbolic link: /);
});

Deno.test("nothing in a configuration steers the terminal of who checks it", async () => {
  const steering = [String.raw`\e]0;title\a`, String.raw`\u202E`, String.raw`\n`, String.raw`\x9b`];
  for (const escape of steering) {
    const texts = [`"a${escape}b": 1\n`, `sources:\n  - { name: x, "k${escape}": 1, protocol: mqtt }\n`];
    for (const yaml of [...texts, `deployment: { instance_id: "a${escape}b" }\n`]) {
      await using home = await homeWith(`version: 1\nlocal_sink: { enabled: true }\n${yaml}`);
      const { out, err } = await outcomeOf(["check", "--home", home.path]);
      // deno-lint-ignore no-control-regex -- control characters are what it is about
      assert.doesNotMatch(out + err, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/, yaml);
      for (const line of err.trimEnd().split("\n")) assert.match(line, /^(warning: )?config\/connector\.yaml/, yaml);
    }
  }
});

Deno.test("run warns of a home that other users may change", async () => {
  await using home = await homeWith(`version: 1
local_sink: { enabled: true }
gui: { enabled: false }
monitoring: { metrics: { enabled: false } }
`);
  await Deno.chmod(home.path, 0o770);
  const { code, out } = await outcomeOf(["run", "--home", home.path], { stopping: AbortSignal.abort() });
  assert.equal(code, 0);
  const warnings = out.trimEnd().split("\n").map((line) => JSON.parse(line)).filter(({ level }) => level === "warn");
  assert.deepEqual(warnings.map(({ code }) => code), ["home_not_private"]);
  assert.match(warnings[0].message, /home_\w+ may be changed by other users/);
});
