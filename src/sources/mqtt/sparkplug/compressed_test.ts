import assert from "node:assert/strict";
import { deflateSync, gzipSync } from "node:zlib";
import { sparkplugPayload } from "../../../../tests/fakes/sparkplug_payload.ts";
import { readAnyPayload } from "./compressed.ts";
import { MalformedPayload } from "./wire.ts";

const LIMITS = { maxMetrics: 10, maxBytes: 1000, onUnpacked() {} };
const INNER = sparkplugPayload({ ms: 1_700_000_000_005, metrics: [{ name: "a", type: 10, double: 1 }] });

function packed(body: Uint8Array, algorithm?: string): Uint8Array {
  const metrics = algorithm === undefined ? [] : [{ name: "algorithm", type: 12, string: algorithm }];
  return sparkplugPayload({ uuid: "SPBV1.0_COMPRESSED", seq: 7, body, metrics });
}

const PACKED = {
  "DEFLATE": packed(deflateSync(INNER), "DEFLATE"),
  "DEFLATE where no algorithm is named": packed(deflateSync(INNER)),
  "GZIP": packed(gzipSync(INNER), "gzip"),
};

for (const [name, bytes] of Object.entries(PACKED)) {
  Deno.test(`readAnyPayload() reads a payload compressed by ${name}, and counts it by the number outside`, () => {
    const { metrics, timestampMs, seq } = readAnyPayload(bytes, LIMITS);
    assert.deepEqual({ names: metrics.map((each) => each.name), timestampMs, seq }, {
      names: ["a"],
      timestampMs: 1_700_000_000_005,
      seq: 7,
    });
  });
}

const REFUSED: Readonly<Record<string, readonly [bytes: Uint8Array, reason: RegExp]>> = {
  "what unpacks to more than is allowed": [packed(deflateSync(new Uint8Array(100_000))), /longer than 1000 bytes/],
  "a body that is no DEFLATE": [packed(Uint8Array.of(1, 2, 3)), /that is no DEFLATE/],
  "an algorithm that is not known": [packed(INNER, "ZSTD"), /compressed by ZSTD/],
  "a payload that is compressed twice": [packed(deflateSync(packed(deflateSync(INNER)))), /another compressed payload/],
  "no body": [sparkplugPayload({ uuid: "SPBV1.0_COMPRESSED" }), /no body/],
  "more metrics than are allowed": [
    sparkplugPayload({ metrics: Array(11).fill({ name: "a" }) }),
    /more than 10 metrics/,
  ],
};

for (const [name, [bytes, reason]] of Object.entries(REFUSED)) {
  Deno.test(`readAnyPayload() refuses ${name}`, () => {
    assert.throws(() => readAnyPayload(bytes, LIMITS), (error) => {
      assert.ok(error instanceof MalformedPayload);
      assert.match(error.message, reason);
      return true;
    });
  });
}
