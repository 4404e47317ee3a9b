import assert from "node:assert/strict";
import { EdgeError } from "../../core/error.ts";
import { collectorAt, CollectorBusy, tracesUrl } from "./collector.ts";

const BODY = new Uint8Array([1, 2, 3]);

/** A collector that answers so, and a way to it with a path and a header that nobody may see. */
function stand(answer: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const client = Deno.createHttpClient({});
  const endpoint = `http://127.0.0.1:${server.addr.port}/a-secret-path`;
  const headers = () => ({ authorization: "a-secret-key" });
  const receiver = collectorAt({ endpoint, headers, userAgent: "iot-connector/1", client });
  return {
    send: () => receiver.send(BODY, AbortSignal.timeout(20_000)),
    async failure(): Promise<EdgeError> {
      const error: unknown = await receiver.send(BODY, AbortSignal.timeout(20_000)).catch((error) => error);
      assert.ok(error instanceof EdgeError, String(error));
      assert.doesNotMatch(error.message, /a-secret/);
      return error;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await server.shutdown();
    },
  };
}

for (
  const [endpoint, url] of [
    ["http://localhost:4318", "http://localhost:4318/v1/traces"],
    ["https://a.example/otlp/", "https://a.example/otlp/v1/traces"],
    ["https://a.example/v1/traces", "https://a.example/v1/traces"],
    ["https://a.example/in?key=1", "https://a.example/in/v1/traces?key=1"],
  ] as const
) {
  Deno.test(`tracesUrl() of ${endpoint} is ${url}`, () => assert.equal(tracesUrl(endpoint).href, url));
}

Deno.test("collectorAt() posts protobuf with its headers, and reads how many spans were not taken", async () => {
  const seen: Pick<Request, "method" | "url" | "headers">[] = [];
  const rejectedSeven = new Uint8Array([0x0a, 0x02, 0x08, 0x07]);
  await using it = stand((request) => {
    seen.push({ method: request.method, url: request.url, headers: new Headers(request.headers) });
    return new Response(rejectedSeven);
  });
  assert.equal(await it.send(), 7);
  const [request = assert.fail("nothing came")] = seen;
  const { method, url, headers } = request;
  assert.deepEqual([method, new URL(url).pathname], ["POST", "/a-secret-path/v1/traces"]);
  assert.equal(headers.get("content-type"), "application/x-protobuf");
  assert.equal(headers.get("authorization"), "a-secret-key");
});

for (
  const [status, code, disposition] of [
    [401, "collector_refuses", "halt"],
    [404, "collector_refuses", "halt"],
    [400, "collector_refuses", "halt"],
    [302, "collector_refuses", "halt"],
    [429, "collector_busy", "retry"],
    [503, "collector_busy", "retry"],
  ] as const
) {
  Deno.test(`collectorAt() takes status ${status} for ${code}, to ${disposition}`, async () => {
    const headers = { location: "http://127.0.0.1:1/elsewhere", "retry-after": "7" };
    await using it = stand(() => new Response(null, { status, headers }));
    const error = await it.failure();
    assert.deepEqual([error.code, error.disposition], [code, disposition]);
    if (error instanceof CollectorBusy) assert.equal(error.afterMs, 7000);
  });
}

Deno.test("collectorAt() stops reading an answer without an end, and tells of one that is no OTLP", async () => {
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(32 * 1024)) });
  await using first = stand(() => new Response(endless));
  assert.match((await first.failure()).message, /no end within 64 KiB/);
  await using second = stand(() => new Response("<html>"));
  assert.equal((await second.failure()).code, "collector_refuses");
});

Deno.test("collectorAt() tells that nobody is there without the path of the address", async () => {
  const client = Deno.createHttpClient({});
  const options = { headers: () => ({}), userAgent: "x", client };
  const receiver = collectorAt({ endpoint: "http://127.0.0.1:1/a-secret-path", ...options });
  await assert.rejects(receiver.send(BODY, AbortSignal.timeout(20_000)), (error: Error) => {
    assert.match(error.message, /^Cannot reach http:\/\/127\.0\.0\.1:1: /);
    assert.doesNotMatch(error.message, /a-secret-path/);
    return true;
  });
  client.close();
});

Deno.test("collectorAt() does not tell the value of a header that HTTP does not allow", async () => {
  const client = Deno.createHttpClient({});
  const headers = () => ({ "x-key": "a-secret\nkey" });
  const receiver = collectorAt({ endpoint: "http://127.0.0.1:1", headers, userAgent: "x", client });
  await assert.rejects(receiver.send(BODY, AbortSignal.timeout(20_000)), (error: Error) => {
    assert.match(error.message, /header x-key/);
    assert.doesNotMatch(error.message, /a-secret/);
    return true;
  });
  client.close();
});
