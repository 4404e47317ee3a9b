/** Against the signatures that AWS publishes ("Signature Version 4 test suite"). */
import assert from "node:assert/strict";
import { signed } from "./sigv4.ts";

const OPTIONS = {
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
  region: "us-east-1",
  service: "service",
  nowMs: Date.UTC(2015, 7, 30, 12, 36, 0),
};
const FORM = { "content-type": "application/x-www-form-urlencoded" };

for (
  const [name, method, path, headers, body, signature] of [
    ["get-vanilla", "GET", "/", {}, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    [
      "get-vanilla-query-order-key-case",
      "GET",
      "/?Param2=value2&Param1=value1",
      {},
      "",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    ["post-vanilla", "POST", "/", {}, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
    [
      "post-x-www-form-urlencoded",
      "POST",
      "/",
      FORM,
      "Param1=value1",
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ],
  ] as const
) {
  Deno.test(`signed() gives the published signature of ${name}`, () => {
    const url = new URL(path, "https://example.amazonaws.com");
    const { authorization } = signed({ method, url, headers, body }, OPTIONS);
    assert.equal(authorization?.split("Signature=")[1], signature);
  });
}

Deno.test("signed() signs the token of credentials that were lent", () => {
  const credentials = { ...OPTIONS.credentials, sessionToken: "lent" };
  const url = new URL("https://example.amazonaws.com/");
  const headers = signed({ method: "GET", url, headers: {}, body: "" }, { ...OPTIONS, credentials });
  assert.equal(headers["x-amz-security-token"], "lent");
  assert.match(headers.authorization ?? "", /SignedHeaders=host;x-amz-date;x-amz-security-token,/);
});
