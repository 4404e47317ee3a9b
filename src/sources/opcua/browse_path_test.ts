import assert from "node:assert/strict";
import { ConfigError } from "../../core/error.ts";
import { parseBrowsePath, stepText } from "./browse_path.ts";

Deno.test("parseBrowsePath() leaves out the Root and keeps namespaces", () => {
  assert.deepEqual(parseBrowsePath("0:Root/0:Objects/2:Process Area"), [
    { namespace: 0, name: "Objects" },
    { namespace: 2, name: "Process Area" },
  ]);
});

Deno.test("parseBrowsePath() takes a leading slash, and names without a namespace as of namespace 0", () => {
  assert.deepEqual(parseBrowsePath("/Objects/3:a"), [{ namespace: 0, name: "Objects" }, { namespace: 3, name: "a" }]);
});

Deno.test("parseBrowsePath() reads back what stepText() writes of a name with signs of the syntax", () => {
  const step = { namespace: 2, name: "Flow m3/h: in&out" };
  assert.deepEqual(parseBrowsePath(`0:Objects/${stepText(step)}`)[1], step);
});

Deno.test("parseBrowsePath() refuses a path that names nothing", () => {
  for (const path of ["", "/", "0:Root"]) assert.throws(() => parseBrowsePath(path), ConfigError, path);
});
