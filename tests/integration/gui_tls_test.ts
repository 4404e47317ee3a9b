/** TLS of the web listener, as OpenSSL meets it. */
import assert from "node:assert/strict";
import { ownCertificate } from "../../src/security/mod.ts";
import { listen } from "../../src/web/mod.ts";
import { FakeClock } from "../fakes/clock.ts";
import { tempHome } from "../fakes/temp_home.ts";

const OLD = ["-cipher", "ALL@SECLEVEL=0"]; // has the client offer what it would not by itself
/** In the words of OpenSSL for what the listener answered. */
const REFUSED = /alert (handshake failure|protocol version)/;
const REQUEST = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

Deno.test("The web listener speaks TLS 1.2 and 1.3 alone, with ciphers that seal and keys that are forgotten, without compression", async () => {
  await using it = await stand();
  for (const old of ["-tls1", "-tls1_1"]) {
    assert.match(await it.client([old, ...OLD]), REFUSED, old);
  }
  for (const [version, cipher] of [["-tls1_2", /Cipher is ECDHE-ECDSA-/], ["-tls1_3", /Cipher is TLS_/]] as const) {
    const text = await it.client([version]);
    assert.match(text, cipher);
    assert.match(text, /GCM|CHACHA20/);
    assert.match(text, /Compression: NONE/);
    assert.match(text, /^here/m);
  }
  for (const weak of ["AES128-SHA", "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "aNULL", "DHE"]) {
    assert.match(
      await it.client(["-tls1_2", "-cipher", `${weak}:@SECLEVEL=0`]),
      REFUSED,
      weak,
    );
  }
});

Deno.test("The web listener negotiates once per connection", async () => {
  await using it = await stand();
  const text = await it.client(["-tls1_2"], "R\n"); // by which s_client asks to negotiate anew
  assert.match(text, /RENEGOTIATING\n/);
  assert.match(text, /:no renegotiation:/);
});

Deno.test("A client that has the listener's certificate knows it by its names, and by no other", async () => {
  await using it = await stand();
  const known = ["-CAfile", it.certificate, "-verify_return_error"];
  assert.match(await it.client([...known, "-verify_hostname", "localhost"]), /Verify return code: 0 \(ok\)/);
  assert.match(await it.client([...known, "-verify_hostname", "other.example"]), /hostname mismatch/);
  assert.match(await it.client(["-verify_return_error", "-verify_hostname", "localhost"]), /self-signed certificate/);
});

async function stand() {
  const home = await tempHome();
  const tls = await ownCertificate({ home: home.path, hosts: ["localhost", "127.0.0.1"], nowMs: Date.now() });
  const place = { bind: "127.0.0.1", port: 0, setting: "gui", clock: new FakeClock(), tls };
  const listener = listen(() => new Response("here"), place);
  return {
    certificate: `${home.path}/certs/gui/certificate.pem`,
    client: (args: readonly string[], says = REQUEST) => openssl(listener.address.port, args, says),
    [Symbol.asyncDispose]: async () => {
      await listener[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** All that `openssl s_client` says. Its input stays open: it ends with the connection. */
async function openssl(port: number, args: readonly string[], says: string): Promise<string> {
  const child = new Deno.Command("openssl", {
    args: ["s_client", "-connect", `127.0.0.1:${port}`, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(5000),
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(says)).catch(() => {/* it ended already */});
  const { stdout, stderr } = await child.output();
  await writer.close().catch(() => {/* as above */});
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}
