import assert from "node:assert/strict";
import { homeFile } from "./schema.ts";

for (const path of ["certs/ca.pem", "./a b/ä.pem", "..a/b"]) {
  Deno.test(`homeFile() takes ${path}`, () => assert.equal(homeFile("").parse(path), path));
}

for (const path of ["", "/etc/passwd", "../x", "a/../../x", "a\0b", "a\nb", "\x1b[2J", "a\x9bb"]) {
  Deno.test(`homeFile() refuses ${JSON.stringify(path)}`, () =>
    assert.equal(homeFile("").safeParse(path).success, false));
}
