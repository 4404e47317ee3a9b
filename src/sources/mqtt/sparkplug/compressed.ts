import { gunzipSync, inflateSync } from "node:zlib";
import { readPayload, type SparkplugPayload } from "./payload.ts";
import { MalformedPayload } from "./wire.ts";

/** Marks a payload whose body is another one, compressed (Eclipse Tahu, as the specification names no way). */
const COMPRESSED = "SPBV1.0_COMPRESSED";

export interface PayloadLimits {
  readonly maxMetrics: number;
  /** Of a payload that was compressed, after that. */
  readonly maxBytes: number;
  /** So many bytes were made of one that is compressed. */
  onUnpacked(bytes: number): void;
}

/** Reads a payload, and the one within it where it is compressed: that once, and up to `maxBytes`. @throws {MalformedPayload} */
export function readAnyPayload(bytes: Uint8Array, limits: PayloadLimits): SparkplugPayload {
  const outer = readPayload(bytes, limits.maxMetrics);
  if (outer.uuid !== COMPRESSED) return outer;
  const inner = readPayload(inflated(outer, limits), limits.maxMetrics);
  if (inner.uuid === COMPRESSED) throw new MalformedPayload("another compressed payload within its own");
  return { ...inner, timestampMs: inner.timestampMs ?? outer.timestampMs, seq: outer.seq ?? inner.seq };
}

function inflated({ metrics, body }: SparkplugPayload, { maxBytes, onUnpacked }: PayloadLimits): Uint8Array {
  const algorithm = metrics.find(({ name }) => name === "algorithm")?.value;
  const name = algorithm?.kind === "text" ? algorithm.value.toUpperCase() : "DEFLATE";
  if (body === undefined) throw new MalformedPayload("no body, though it says to be compressed");
  if (name !== "DEFLATE" && name !== "GZIP") {
    throw new MalformedPayload(`a body compressed by ${name.slice(0, 40)}, which is not known`);
  }
  const unpack = name === "GZIP" ? gunzipSync : inflateSync;
  try {
    const bytes = unpack(body, { maxOutputLength: maxBytes });
    onUnpacked(bytes.length);
    return bytes;
  } catch (error) {
    onUnpacked(maxBytes); // at most, and nobody says how far it came
    throw new MalformedPayload(`a body that is no ${name}, or longer than ${maxBytes} bytes when unpacked`, {
      cause: error,
    });
  }
}
