/** The systemd unit, as systemd itself judges it. What it does when it runs: installed_test.ts. */
import assert from "node:assert/strict";
import { METADATA_ADDRESSES } from "../../tools/permissions.ts";

const UNIT = new URL("../../packaging/systemd/iot-connector.service", import.meta.url).pathname;

async function analyze(...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("systemd-analyze gives the unit an exposure of 1.5 at most", async () => {
  const text = await analyze("security", "--offline=true", "--no-pager", UNIT);
  const exposure = Number(text.match(/Overall exposure level for \S+: ([\d.]+)/)?.[1]);
  assert.ok(exposure <= 1.5, text);
});

Deno.test("systemd-analyze finds no mistake in the unit, but that nothing is installed on this host", async () => {
  const lines = (await analyze("verify", "--man=no", UNIT)).split("\n").filter((line) =>
    line.includes("iot-connector")
  );
  assert.deepEqual(lines.filter((line) => !/\/usr\/local\/bin\/iot-connector is not executable/.test(line)), []);
});

Deno.test("The unit denies every address of a metadata service that the executable denies", async () => {
  const text = await Deno.readTextFile(UNIT);
  const denied = [...text.matchAll(/^IPAddressDeny=(.*)$/gm)].flatMap(([, list]) => (list ?? "").split(" "));
  const listed = METADATA_ADDRESSES.map((each) => each.includes(":") ? `${each.slice(1, -1)}/128` : `${each}/32`);
  assert.deepEqual(denied.sort(), listed.sort());
});
