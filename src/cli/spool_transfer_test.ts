import assert from "node:assert/strict";
import { runningHome } from "../../tests/fakes/running_home.ts";
import { eventually } from "../../tests/wait.ts";

const STEPS = [{ done: 2, of: 5 }, { done: 5, of: 5 }];

for (const verb of ["export", "import"] as const) {
  Deno.test(`spool ${verb} means a file of the home directory, sealed with the spool's key`, async () => {
    await using home = await runningHome();
    home.tools.steps = STEPS;
    for (const file of ["out/rows", `${home.home}/out/rows`]) {
      const { code, out } = await home.run(["spool", verb, file]);
      assert.equal(code, 0);
      assert.ok(out.includes(`${home.home}/out/rows`), out);
    }
    assert.deepEqual(home.tools.done[0], { what: verb, with: [`${home.home}/out/rows`, {}] });
    assert.deepEqual(home.tools.done[1], home.tools.done[0]);
    assert.deepEqual(home.told[0], [`spool ${verb}`, 0]);
  });

  Deno.test(`spool ${verb} --passphrase-stdin takes the passphrase of who gives the command, without its line feed`, async () => {
    await using home = await runningHome();
    for (const input of ["a b\u00fc ", "a b\u00fc \n", "a b\u00fc \r\n"]) {
      await home.run(["spool", verb, "rows", "--passphrase-stdin"], { input });
    }
    assert.deepEqual(
      home.tools.done.map(({ with: [, sealing] }) => sealing),
      STEPS.concat(STEPS[0] ?? []).map(() => ({
        passphrase: "a b\u00fc ",
      })),
    );
    const { code, err } = await home.run(["spool", verb, "rows", "--passphrase-stdin"], { input: "\n" });
    assert.deepEqual([code, err], [64, "The passphrase on standard input is empty.\n"]);
    assert.equal(home.tools.done.length, 3);
  });

  Deno.test(`spool ${verb} reaches no file outside of the home directory`, async () => {
    await using home = await runningHome();
    await Deno.symlink("/tmp", `${home.home}/out`);
    for (const file of ["/tmp/rows", "../rows", "out/rows", `${home.home}/../rows`]) {
      const { code, err } = await home.run(["spool", verb, file]);
      assert.equal(code, 1);
      assert.match(err, /it is not in the home directory|is a symbolic link/);
    }
    assert.deepEqual(home.tools.done, []);
  });

  Deno.test(`spool ${verb} that is told to stop says so, and ends with 1`, async () => {
    await using home = await runningHome();
    home.tools.steps = STEPS;
    const stop = new AbortController();
    let isWaiting = false;
    home.tools.pace = (signal) =>
      new Promise((resolve) => {
        isWaiting = true;
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    const outcome = home.run(["spool", verb, "rows"], { stopping: stop.signal });
    await eventually("it is at work", () => isWaiting);
    stop.abort();
    const { code, out, err } = await outcome;
    assert.deepEqual([code, out, home.tools.done], [1, "", []]);
    assert.match(err, /^It was told to stop: .+\n$/);
  });
}

Deno.test("spool export says how many rows left, and how far it is", async () => {
  await using home = await runningHome();
  home.tools.steps = STEPS;
  const told: unknown[] = [];
  const { out } = await home.run(["spool", "export", "rows"], {
    isWatched: true,
    onProgress: (at) => void told.push(at),
  });
  assert.equal(out, `rows written to ${home.home}/rows, and counted as exported: 5\n`);
  assert.deepEqual(told[0], { done: 2, of: 5, unit: "rows" });
});

Deno.test("spool import says how many rows came", async () => {
  await using home = await runningHome();
  home.tools.steps = STEPS;
  home.tools.counted.count("import", "received", 10);
  home.tools.pace = () => Promise.resolve(home.tools.counted.count("import", "received", 4));
  const { out } = await home.run(["spool", "import", "rows"]);
  assert.equal(out, `rows taken in from ${home.home}/rows: 8\n`);
});
