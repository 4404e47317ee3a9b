/** The systemd unit, as systemd itself judges it. What it does when it runs: installed_test.ts. */
import assert from "node:assert/strict";
import { METADATA_ADDRESSES } from "../../tools/permissions.ts";

const FOLDER = new URL("../../packaging/systemd/", import.meta.url).pathname;
const UNIT = `${FOLDER}iot-connector.service`;

async function analyze(...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

/** 0 to 10, as systemd counts it. */
async function exposureOf(unit: string): Promise<number> {
  const text = await analyze("security", "--offline=true", "--no-pager", unit);
  return Number(text.match(/Overall exposure level for \S+: ([\d.]+)/)?.[1] ?? assert.fail(text));
}

/** What it says of a unit, but that nothing is installed on this host. */
async function mistakesIn(unit: string): Promise<readonly string[]> {
  const lines = (await analyze("verify", "--man=no", unit)).split("\n").filter((line) =>
    line.includes("iot-connector")
  );
  return lines.filter((line) => !/\/usr\/local\/bin\/iot-connector is not executable/.test(line));
}

Deno.test("systemd-analyze gives the unit an exposure of 1.5 at most", async () => {
  assert.ok(await exposureOf(UNIT) <= 1.5);
});

Deno.test("With the drop-ins for serial lines and credentials too, it is 1.5 at most, and they have no mistake", async () => {
  const dir = await Deno.makeTempDir({ prefix: "unit_" });
  const unit = `${dir}/iot-connector.service`;
  try {
    await Deno.mkdir(`${unit}.d`);
    await Deno.copyFile(UNIT, unit);
    for (const [from, to] of [["serial.conf", "serial.conf"], ["credentials.conf.example", "credentials.conf"]]) {
      await Deno.copyFile(`${FOLDER}${from}`, `${unit}.d/${to}`);
    }
    assert.ok(await exposureOf(unit) <= 1.5);
    assert.deepEqual(await mistakesIn(unit), []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("systemd-analyze finds no mistake in the unit", async () => {
  assert.deepEqual(await mistakesIn(UNIT), []);
});

Deno.test("The unit denies every address of a metadata service that the executable denies", async () => {
  const text = await Deno.readTextFile(UNIT);
  const denied = [...text.matchAll(/^IPAddressDeny=(.*)$/gm)].flatMap(([, list]) => (list ?? "").split(" "));
  const listed = METADATA_ADDRESSES.map((each) => each.includes(":") ? `${each.slice(1, -1)}/128` : `${each}/32`);
  assert.deepEqual(denied.sort(), listed.sort());
});
