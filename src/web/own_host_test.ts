import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { listen } from "./listen.ts";
import { ownHostOnly } from "./own_host.ts";
import { LOCAL_PEER } from "./peer.ts";

const answering = ownHostOnly(() => new Response("here"), ["Press-Hall"]);

function ask(host: string | undefined): Promise<Response> | Response {
  return answering(new Request("http://x/health", { headers: host === undefined ? {} : { host } }), LOCAL_PEER);
}

for (const host of ["127.0.0.1", "127.0.0.1:8080", "10.1.2.3:80", "[::1]:8080", "[fe80::1]", "localhost:8080"]) {
  Deno.test(`ownHostOnly() answers ${host}`, async () => assert.equal((await ask(host)).status, 200));
}

for (const host of ["press-hall", "PRESS-HALL:9090", "LocalHost"]) {
  Deno.test(`ownHostOnly() answers ${host}, the case of letters aside`, async () => {
    assert.equal((await ask(host)).status, 200);
  });
}

const FOREIGN = [
  "evil.example",
  "evil.example:8080",
  "press-hall.evil.example",
  "localhost.evil.example",
  "127.0.0.1.x",
];
for (const host of [...FOREIGN, "", ":80", "[::1", "a:b:80", "[evil.example]"]) {
  Deno.test(`ownHostOnly() refuses ${JSON.stringify(host)} with a problem document`, async () => {
    const response = await ask(host);
    assert.equal(response.status, 421);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.equal((await response.json()).code, "misdirected");
  });
}

Deno.test("ownHostOnly() answers a program that sends no Host header", async () => {
  assert.equal((await ask(undefined)).status, 200);
});

Deno.test("ownHostOnly() sees the Host header that a client sends to a listener", async () => {
  await using listener = listen(answering, { bind: "127.0.0.1", port: 0, setting: "gui", clock: new FakeClock() });
  for (const [host, status] of [["127.0.0.1", 200], ["evil.example", 421]] as const) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: listener.address.port });
    await connection.write(new TextEncoder().encode(`GET /health HTTP/1.1\r\nhost: ${host}\r\n\r\n`));
    const bytes = new Uint8Array(500);
    const length = await connection.read(bytes);
    assert.match(new TextDecoder().decode(bytes.subarray(0, length ?? 0)), new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});
