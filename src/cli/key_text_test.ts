import assert from "node:assert/strict";
import { homeWith, outcomeOf } from "../../tests/fakes/terminal.ts";

for (const words of [["backup", "export/a", "--recipient", "no.pub"], ["restore", "a", "--key", "no.key"]]) {
  Deno.test(`${words[0]} says which key it cannot read, and where it looks for one`, async () => {
    await using home = await homeWith("local_sink: { enabled: true }\n");
    const { code, err } = await outcomeOf([...words, "--home", home.path]);
    assert.equal(code, 1);
    assert.match(
      err,
      /^Cannot read the key \S+\/no\.(pub|key): .+\. Name a file in the home directory, which is \S+\n$/,
    );
  });
}
