import assert from "node:assert/strict";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { warnOfOpenKey } from "./private_key_file.ts";

for (const [mode, isOpen] of [[0o600, false], [0o400, false], [0o640, true], [0o604, true], [0o644, true]] as const) {
  Deno.test(`warnOfOpenKey() ${isOpen ? "warns of" : "says nothing of"} a key of mode ${mode.toString(8)}`, async () => {
    const home = await Deno.makeTempDir({ prefix: "key_" });
    try {
      await Deno.writeTextFile(`${home}/own.key`, "key");
      await Deno.chmod(`${home}/own.key`, mode);
      const log = new FakeLogger();
      warnOfOpenKey({ setting: "private_key_path", path: "own.key" }, { home, log });
      const message =
        /^The private key of private_key_path, own\.key, may be read by other users.*chmod go-rwx own\.key$/;
      assert.deepEqual(
        log.lines.map(({ level, message: text }) => [level, message.test(text)]),
        isOpen ? [["warn", true]] : [],
      );
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  });
}

Deno.test("warnOfOpenKey() leaves a key that is not there to whoever opens it", () => {
  const log = new FakeLogger();
  warnOfOpenKey({ setting: "private_key_path", path: "none.key" }, { home: "/nowhere", log });
  assert.deepEqual(log.lines, []);
});
