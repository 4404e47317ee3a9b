/** The API as clients on the wire see it: those who are slow, send too much, never read, or try their luck. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/lib/clock.ts";
import { ownCertificate } from "../../src/security/mod.ts";
import { listen, type Listener } from "../../src/web/mod.ts";
import { type ApiStand, apiStand, PASSWORD } from "../fakes/api_stand.ts";
import { FakeClock } from "../fakes/clock.ts";
import { eventually } from "../wait.ts";

const text = new TextEncoder();

interface Wire extends ApiStand {
  readonly listener: Listener;
  readonly base: string;
}

async function wire(clock: FakeClock | typeof systemClock): Promise<Wire> {
  const it = await apiStand({ clock });
  const listener = listen(it.fetch, { bind: "127.0.0.1", port: 0, setting: "gui", clock });
  const stop = async () => {
    const ended = listener[Symbol.asyncDispose]();
    if (clock instanceof FakeClock) await clock.advance(10_000);
    await ended;
    await it[Symbol.asyncDispose]();
  };
  return { ...it, listener, base: `http://127.0.0.1:${listener.address.port}`, [Symbol.asyncDispose]: stop };
}

/** All that comes until the connection ends. */
async function readAll(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const bytes = new Uint8Array(64 * 1024);
  let all = "";
  while (true) {
    const length = await connection.read(bytes).catch(() => null);
    if (length === null) return all;
    all += decoder.decode(bytes.subarray(0, length), { stream: true });
  }
}

function connect({ listener }: Wire): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port: listener.address.port });
}

Deno.test("A body of 10 MB is refused, and its sender told, whether it says its length or not", async () => {
  await using it = await wire(systemClock);
  const { cookie, csrf } = await it.login("administrator");
  const headers = { cookie: `iot_session_8080=${cookie}`, "x-csrf": csrf, "content-type": "application/json" };
  const chunk = new Uint8Array(64 * 1024).fill(32);
  const body = () => {
    let left = 160;
    return new ReadableStream<Uint8Array>({
      pull: (controller) => left-- > 0 ? controller.enqueue(chunk) : controller.close(),
    });
  };
  const chunked = await fetch(`${it.base}/api/users`, { method: "POST", headers, body: body() });
  assert.deepEqual([chunked.status, (await chunked.json()).code], [413, "body_too_large"]);
  const whole = await fetch(`${it.base}/api/users`, { method: "POST", headers, body: new Uint8Array(10_000_000) });
  assert.deepEqual([whole.status, (await whole.json()).code], [413, "body_too_large"]);
  const unknown = await fetch(`${it.base}/api/users`, { method: "POST", body: new Uint8Array(10_000_000) });
  assert.equal(unknown.status, 401);
  await unknown.body?.cancel();
});

Deno.test("A body that is cut off, or is no body, writes nothing to the log", async () => {
  await using it = await wire(systemClock);
  const head = "POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
  for (const rest of ["content-length: 99\r\n\r\n{", "transfer-encoding: chunked\r\n\r\n5\r\n{"]) {
    const client = await connect(it);
    await client.write(text.encode(head + rest));
    await client.closeWrite();
    await readAll(client);
    client.close();
  }
  using client = await connect(it);
  await client.write(text.encode(`${head}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\nrubbish\r\n`));
  await readAll(client);
  assert.deepEqual(it.log.lines, []);
});

Deno.test("A body that comes too slowly ends after ten seconds, however many send one", async () => {
  const clock = new FakeClock();
  await using it = await wire(clock);
  const head =
    "POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
  const clients = await Promise.all(Array.from({ length: 30 }, () => connect(it)));
  for (const client of clients) await client.write(text.encode(head));
  await eventually("all are being heard", () => clock.sleeping >= 30);
  const ends = clients.map(readAll);
  await clock.advance(10_000);
  assert.deepEqual([...new Set(await Promise.all(ends))], [""]);
  for (const client of clients) client.close();
});

Deno.test("200 clients of events that never read leave room for others, and end when they take nothing for 30 s", async () => {
  const clock = new FakeClock();
  await using it = await wire(clock);
  const { cookie } = await it.login("viewer");
  const request = `GET /api/events HTTP/1.1\r\nhost: localhost\r\ncookie: iot_session_8080=${cookie}\r\n\r\n`;
  const clients: Deno.TcpConn[] = [];
  for (let i = 0; i < 200; i++) {
    const client = await connect(it);
    clients.push(client);
    await client.write(text.encode(request)).catch(() => {/* it made way already */});
  }
  const before = Deno.memoryUsage().rss;
  // More than the system keeps for a connection, so that each is stuck.
  for (let i = 0; i < 4000; i++) {
    it.logs.log("info", "x".repeat(8000));
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const response = await fetch(`${it.base}/health`);
  assert.equal(response.status, 200);
  await response.body?.cancel();
  assert.ok(Deno.memoryUsage().rss - before < 150e6, `${(Deno.memoryUsage().rss - before) / 1e6} MB`);
  await clock.advance(31_000);
  const { cookie: other } = await it.login("viewer");
  const events = await fetch(`${it.base}/api/events`, { headers: { cookie: `iot_session_8080=${other}` } });
  assert.equal(events.status, 200);
  await events.body?.cancel();
  for (const client of clients) client.close();
});

Deno.test("Events come over the wire as they happen", async () => {
  const clock = new FakeClock();
  await using it = await wire(clock);
  const { cookie } = await it.login("viewer");
  const headers = { cookie: `iot_session_8080=${cookie}` };
  const response = await fetch(`${it.base}/api/events?names=logs`, { headers });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value ?? "", /^event: ping\n/);
  it.logs.log("warn", "the press stands", { source: "press" });
  assert.match(
    (await reader.read()).value ?? "",
    /^event: logs\ndata: .*"message":"the press stands","source":"press"/,
  );
  await reader.cancel();
});

Deno.test("Paths that lead elsewhere lead nowhere", async () => {
  await using it = await wire(systemClock);
  const { cookie } = await it.login("administrator");
  const paths = [
    "/api/../certs/users.json",
    "/api/docs/..%2f..%2fcerts%2fusers.json",
    "/api/docs/%2e%2e/%2e%2e/config/connector.yaml",
    "//etc/passwd",
    "/api/trust/..%5c..%5cx/trust",
    "/api/dlq/%00",
    "/api/docs/swagger-ui.css%00.html",
    "http://evil.example/api/status",
    "/%",
  ];
  for (const path of paths) {
    using client = await connect(it);
    const head = `GET ${path} HTTP/1.1\r\nhost: localhost\r\ncookie: iot_session_8080=${cookie}\r\n\r\n`;
    await client.write(text.encode(head));
    const answer = await readAll(client);
    assert.match(answer, /^HTTP\/1\.1 (4\d\d|200 OK[^]*"status":"ok")/, path);
    assert.doesNotMatch(answer, /root:|passw|local_sink/, path);
  }
});

Deno.test("A request that is two, or whose headers are many, is refused", async () => {
  await using it = await wire(systemClock);
  const smuggled =
    "POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
  const many = `GET /api/setup HTTP/1.1\r\nhost: localhost\r\n${"a: b\r\n".repeat(50_000)}\r\n`;
  for (const request of [smuggled, many]) {
    using client = await connect(it);
    await client.write(text.encode(request)).catch(() => {/* it was refused already */});
    assert.doesNotMatch(await readAll(client), /200 OK/);
  }
});

Deno.test("A request with two hosts is refused, and one whose address names a host counts as that host's", async () => {
  await using it = await wire(systemClock);
  for (
    const [head, status] of [
      ["GET /api/setup HTTP/1.1\r\nhost: localhost\r\nHost: evil.example", 400],
      ["GET http://evil.example/api/setup HTTP/1.1\r\nhost: localhost", 421],
      ["GET http://localhost/api/setup HTTP/1.1\r\nhost: evil.example", 200],
      ["GET /api/setup HTTP/1.1\r\nhost: localhost", 200],
    ] as const
  ) {
    using client = await connect(it);
    await client.write(text.encode(`${head}\r\n\r\n`));
    assert.match(await readAll(client), new RegExp(`^HTTP/1\\.1 ${status} `), head);
  }
});

Deno.test("Over TLS with a certificate of its own the API gives a cookie that is for TLS alone", async () => {
  await using it = await apiStand({ clock: systemClock });
  const files = await ownCertificate({ home: it.home, hosts: ["localhost", "127.0.0.1"], nowMs: Date.now() });
  const place = { bind: "127.0.0.1", port: 0, setting: "gui", clock: systemClock, tls: files };
  await using listener = listen(it.fetch, place);
  using client = Deno.createHttpClient({ caCerts: [files.certificate] });
  const base = `https://localhost:${listener.address.port}`;
  const { self } = await it.login("viewer");
  const body = JSON.stringify({ username: self.user, password: PASSWORD });
  const login = { method: "POST", body, headers: { "content-type": "application/json" }, client };
  const response = await fetch(`${base}/api/session`, login);
  assert.equal(response.status, 201);
  await response.body?.cancel();
  const cookie = response.headers.get("set-cookie") ?? "";
  assert.match(cookie, /^__Host-.*Secure/);
  assert.match(response.headers.get("strict-transport-security") ?? "", /max-age/);
  const status = await fetch(`${base}/api/status`, { client, headers: { cookie: cookie.split(";")[0]! } });
  assert.equal((await status.json()).version, "1.2.3");
});
