import assert from "node:assert/strict";
import { Secret } from "../lib/secret.ts";
import { hiding } from "./hidden.ts";

const SECRET = 'pass"word\\1-long';
const PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----";
const VALUES = {
  broker: { username: "ada", password: new Secret(SECRET) },
  hook: { url: new Secret("https://hooks.example.com/services/T0/B0/secretpart?token=querypart") },
  proxy: "http://user:proxy-password@proxy:3128",
  key: new Secret(PEM),
  short: new Secret("info"),
};

const quoted = (text: string) => JSON.stringify({ message: text });

const CASES: readonly (readonly [form: string, text: string, left: string])[] = [
  ["as it is", SECRET, "word"],
  ["in JSON", quoted(SECRET), "word"],
  ["in JSON that a line quotes", quoted(quoted(SECRET)), "word"],
  ["in an address", encodeURIComponent(SECRET), "word"],
  ["in base64", btoa(SECRET), btoa(SECRET).slice(0, 8)],
  ["in hex", "706173732 70617373" + [...SECRET].map((c) => c.charCodeAt(0).toString(16)).join(""), "776f7264"],
  ["with its user, in base64", `Basic ${btoa(`ada:${SECRET}`)}`, btoa(`ada:${SECRET}`).slice(0, 8)],
  ["as a line of several", "it read hkiG9w0BAQEFAASC there", "hkiG9w0BAQ"],
  ["as the end of an address", "POST /services/T0/B0/secretpart failed", "secretpart"],
  ["as the query of an address", "token=querypart", "querypart"],
  ["as the password of a proxy", "proxy-password was refused", "proxy-password"],
];

for (const [form, text, left] of CASES) {
  Deno.test(`hiding() takes a secret out of a text that holds it ${form}`, () => {
    assert.ok(text.includes(left), "it is there before");
    const hidden = hiding(VALUES).hide(text);
    assert.ok(!hidden.includes(left), hidden);
    assert.match(hidden, /\*\*\*/);
  });
}

Deno.test("hiding() leaves words alone that a short secret is one of, and counts such secrets", () => {
  const { hide, tooShort } = hiding(VALUES);
  assert.equal(hide('{"level":"info"}'), '{"level":"info"}');
  assert.equal(tooShort, 1);
});
