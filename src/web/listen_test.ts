import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { eventually } from "../../tests/wait.ts";
import { ConfigError } from "../core/error.ts";
import { Connections } from "./connections.ts";
import { listen } from "./listen.ts";

const options = { bind: "127.0.0.1", port: 0, setting: "gui", clock: new FakeClock() };

function isConfigError(code: string, path: string, text: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.deepEqual([error.code, error.path], [code, path]);
    assert.match(error.message, text);
    return true;
  };
}

Deno.test("listen() answers until it is disposed of", async () => {
  const listener = listen(() => new Response("here"), options);
  const url = `http://127.0.0.1:${listener.address.port}/`;
  assert.equal(await (await fetch(url)).text(), "here");
  await listener[Symbol.asyncDispose]();
  await assert.rejects(fetch(url));
});

Deno.test("listen() names setting and port when another program has the port", async () => {
  await using first = listen(() => new Response(), options);
  const { port } = first.address;
  assert.throws(
    () => listen(() => new Response(), { ...options, port }),
    isConfigError("port_in_use", "gui.port", new RegExp(`127\\.0\\.0\\.1:${port}: another program .* gui\\.port`)),
  );
});

Deno.test("listen() names the setting when the host has no such address", () => {
  assert.throws(
    () => listen(() => new Response(), { ...options, bind: "192.0.2.1" }), // TEST-NET-1 (RFC 5737)
    isConfigError("address_not_available", "gui.bind", /192\.0\.2\.1:0.*gui\.bind/),
  );
});

Deno.test("listen() answers what goes wrong in a handler, and tells nothing of it", async () => {
  const fail = () => Promise.reject(new Error("secret detail"));
  await using listener = listen(fail, options);
  const response = await fetch(`http://127.0.0.1:${listener.address.port}/`);
  assert.equal(response.status, 500);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.doesNotMatch(await response.text(), /secret/);
});

Deno.test("listen() lets an answer under way end before it closes", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const slow = () => {
    asked.resolve();
    return answer.promise;
  };
  const listener = listen(slow, options);
  const response = fetch(`http://127.0.0.1:${listener.address.port}/`);
  await asked.promise;
  const closed = listener[Symbol.asyncDispose]();
  answer.resolve(new Response("late"));
  assert.equal(await (await response).text(), "late");
  await closed;
});

Deno.test("listen() closes although an answer never comes", async () => {
  const clock = new FakeClock();
  const asked = Promise.withResolvers<void>();
  const hang = () => {
    asked.resolve();
    return new Promise<Response>(() => {});
  };
  const listener = listen(hang, { ...options, clock });
  const cutOff = assert.rejects(fetch(`http://127.0.0.1:${listener.address.port}/`));
  await asked.promise;
  const closed = listener[Symbol.asyncDispose]();
  await eventually("it waits", () => clock.sleeping === 2);
  await clock.advance(2000);
  await cutOff;
  await closed;
});

Deno.test("listen() refuses oversized headers and takes in no body that nobody reads", async () => {
  await using listener = listen(() => new Response("here"), options);
  const { port } = listener.address;
  const oversized = `GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(200_000)}\r\n\r\n`;
  assert.doesNotMatch(await raw(port, oversized), /here/);
  assert.match(
    await raw(port, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000\r\n\r\nabc"),
    /connection: close/,
  );
});

Deno.test("listen() answers while 400 clients send half a request, and cuts them off after the time limit", async () => {
  const clock = new FakeClock();
  await using listener = listen(() => new Response("here"), { ...options, clock });
  const { port } = listener.address;
  const half = Array.from({ length: 400 }, () => halfRequest(port));
  await using clients = new AsyncDisposableStack();
  for (const client of await Promise.all(half)) clients.use(client);
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(await response.text(), "here");
  await eventually("only as many are left as there may be", () => clock.sleeping <= 256);
  await clock.advance(10_000);
  await eventually("none is left", () => clock.sleeping === 0);
  for (const { ended } of await Promise.all(half)) await ended;
});

Deno.test("listen() answers again once the process has file descriptors again", async () => {
  const refusals = [new Error("Too many open files (os error 24)"), new Error("Too many open files (os error 24)")];
  const clock = new FakeClock();
  using tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const scarce = new Proxy(tcp, {
    get: (target, key) => {
      if (key === "accept") return () => refusals.length > 0 ? Promise.reject(refusals.pop()) : target.accept();
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  using _connections = new Connections(scarce, { fetch: () => new Response("here"), clock });
  const response = fetch(`http://127.0.0.1:${tcp.addr.port}/`);
  for (const left of [1, 0]) {
    await eventually("it waits", () => clock.sleeping === 1 && refusals.length === left);
    await clock.advance(100);
  }
  assert.equal(await (await response).text(), "here");
});

/** A client that never ends its request. `ended` resolves when it is cut off. */
async function halfRequest(port: number) {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\n")).catch(
    () => {/* cut off already */},
  );
  const ended = connection.read(new Uint8Array(1)).catch(() => null);
  return {
    ended,
    [Symbol.asyncDispose]: async () => {
      connection.close();
      await ended;
    },
  };
}

/** The first bytes of the answer to what is sent. */
async function raw(port: number, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request));
  const answer = new Uint8Array(500);
  const length = await connection.read(answer).catch(() => null);
  return new TextDecoder().decode(answer.subarray(0, length ?? 0));
}
