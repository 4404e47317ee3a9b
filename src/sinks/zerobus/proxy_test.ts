import assert from "node:assert/strict";
import { isExempt, proxyFor } from "./proxy.ts";

for (
  const [host, list, expected] of [
    ["example.com", "example.com", true],
    ["a.example.com", "example.com", true],
    ["a.example.com", ".example.com", true],
    ["a.example.com", "*.example.com", true],
    ["notexample.com", "example.com", false],
    ["EXAMPLE.com", "localhost, Example.COM ", true],
    ["127.0.0.1", "localhost,127.0.0.1", true],
    ["10.127.0.0.1", "", false],
    ["anything", "*", true],
  ] as const
) {
  Deno.test(`isExempt() says ${expected} for ${host} and the list "${list}"`, () => {
    assert.equal(isExempt(host, list), expected);
  });
}

Deno.test("proxyFor() reads address and credentials, and knows hosts reached directly", () => {
  const proxy = { url: "http://plant:p%40ss@proxy.corp:3128", noProxy: "corp" };
  assert.deepEqual(proxyFor("x.databricks.com", proxy), {
    host: "proxy.corp",
    port: 3128,
    credentials: { username: "plant", password: "p@ss" },
  });
  assert.equal(proxyFor("git.corp", proxy), undefined);
  assert.equal(proxyFor("x", undefined), undefined);
});
