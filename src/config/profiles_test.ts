import assert from "node:assert/strict";
import { errorLines, loadText } from "../../tests/fakes/config_file.ts";
import { effectiveYaml } from "./describe.ts";
import type { ModbusSettings } from "../sources/modbus/settings.ts";

const OVEN = `title: Oven
document: none
registers:
  - { name: temperature, address: 7, data_type: float32, unit: degC }
  - { name: door, address: 3, register_type: coil }
`;
const OVEN_FILE = "/home/config/profiles/oven.yaml";

/** A configuration whose one source has this block. */
function config(block: string): string {
  return `local_sink: { enabled: true }
sources:
  - name: plc
    protocol: modbus
    endpoint: modbus+tcp://h
    modbus:
${block.replaceAll(/^/gm, "      ")}
`;
}

/** What the source of such a configuration lists. */
async function registersOf(block: string, files: Record<string, string> = {}) {
  const { sources } = await loadText(config(block), { files });
  return (sources[0]?.config.settings as ModbusSettings).registers; // a Modbus source: see above
}

Deno.test("loadConfig() puts the entries of profiles behind the source's own, per device with its unit id and prefix", async () => {
  const block = `addressing: modicon
devices:
  - { profile: oven, slave_id: 2, prefix: a_ }
  - { profile: oven, slave_id: 3, prefix: b_, poll_interval_seconds: 5 }
registers:
  - { name: own, address: 40001 }`;
  const registers = await registersOf(block, { [OVEN_FILE]: OVEN });
  const shown = registers.map((
    { name, slave_id, addressing, poll_interval_seconds },
  ) => [name, slave_id, addressing, poll_interval_seconds]);
  assert.deepEqual(shown, [
    ["own", null, null, null],
    ["a_temperature", 2, "zero_based", null],
    ["a_door", 2, "zero_based", null],
    ["b_temperature", 3, "zero_based", 5],
    ["b_door", 3, "zero_based", 5],
  ]);
});

for (const profile of ["abb_b23", "eastron_sdm630", "janitza_umg96pa"] as const) {
  Deno.test(`loadConfig() knows the profile ${profile}, whose requests its meter takes`, async () => {
    const registers = await registersOf(`devices: [{ profile: ${profile} }]`);
    assert.ok(registers.length > 20);
    const most = { abb_b23: 125, eastron_sdm630: 80, janitza_umg96pa: 96 }[profile];
    assert.ok(registers.every((each) => each.max_registers_per_request === most));
  });
}

Deno.test("loadConfig() takes a user's profile before the connector's own of that name", async () => {
  const files = { "/home/config/profiles/abb_b23.yaml": OVEN };
  const registers = await registersOf("devices: [{ profile: abb_b23 }]", files);
  assert.deepEqual(registers.map(({ name }) => name), ["temperature", "door"]);
});

Deno.test("what check prints of profiles can be loaded again, and lists the same", async () => {
  const { config: whole, sources } = await loadText(config("devices: [{ profile: oven, slave_id: 2 }]"), {
    files: { [OVEN_FILE]: OVEN },
  });
  const again = await loadText(effectiveYaml(whole));
  assert.deepEqual(again.sources[0]?.config, sources[0]?.config);
});

const WRONG: readonly (readonly [what: string, block: string, profile: string | undefined, lines: string[]])[] = [
  [
    "a profile that there is not",
    "devices: [{ profile: eastron_sdm360 }]",
    undefined,
    [
      "c.yaml:7:19 sources[0].modbus.devices[0].profile: there is no profile eastron_sdm360: put it into " +
      "config/profiles/eastron_sdm360.yaml, or name one that is part of the connector; did you mean eastron_sdm630?",
    ],
  ],
  [
    "a name that leads out of the directory",
    "devices: [{ profile: ../connector }]",
    undefined,
    ["c.yaml:7:19 sources[0].modbus.devices[0].profile: must be 1 to 64 letters, digits, dashes or underscores"],
  ],
  [
    "a profile that is no YAML",
    "devices: [{ profile: oven }]",
    "title: [",
    ["config/profiles/oven.yaml:1:9 is no YAML: is indented in a way that does not fit, or a bracket or quote before it is not closed"],
  ],
  [
    "a key in a profile that is not known, at its place in the profile",
    "devices: [{ profile: oven }]",
    OVEN.replace("unit:", "units:"),
    ["config/profiles/oven.yaml:4:58 registers[0].units: is not a known key; did you mean unit?"],
  ],
  [
    "two devices whose tags are called the same, at the place in the profile and by the device",
    "devices: [{ profile: oven }, { profile: oven, slave_id: 2 }]",
    OVEN,
    ["temperature", "door"].map((name, at) =>
      `config/profiles/oven.yaml:${
        4 + at
      }:7 registers[${at}].name: must be unique: registers[${at}] is called ${name} too; ` +
      "give each device a prefix, or its profile's names come twice " +
      "(as sources[0].modbus.devices[1] names it)"
    ),
  ],
];

for (const [what, block, profile, lines] of WRONG) {
  Deno.test(`loadConfig() refuses ${what}`, async () => {
    const files: Record<string, string> = profile === undefined ? {} : { [OVEN_FILE]: profile };
    assert.deepEqual(await errorLines(config(block), { files }), lines);
  });
}

Deno.test("loadConfig() says why a profile cannot be read", async () => {
  const { loadConfig, ConfigFileError } = await import("./mod.ts");
  const loading = loadConfig({
    home: "/home",
    file: "c.yaml",
    env: () => undefined,
    readTextFile: (path) => (
      path === OVEN_FILE
        ? Promise.reject(new Deno.errors.PermissionDenied("no"))
        : path.endsWith("c.yaml")
        ? Promise.resolve(config("devices: [{ profile: oven }]"))
        : Promise.reject(new Deno.errors.NotFound())
    ),
  });
  await assert.rejects(loading, (error) => (
    error instanceof ConfigFileError && /profiles\/oven\.yaml cannot be read: no$/.test(error.message)
  ));
});
