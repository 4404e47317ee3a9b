/**
 * Publishes JSON of 109 bytes with QoS 0 at a fixed rate, by frames written by hand (MQTT 3.1.1, 3.1 and 3.3), which costs
 * the machine less than a client would. Words: port, messages a second, how many. Prints `publishing` at the start.
 */
import { TAGS } from "./rows.ts";

const STEP_MS = 5;
const [port = 0, rate = 0, total = 0] = Deno.args.map(Number);
const utf8 = new TextEncoder();

/** A packet of fewer than 16,384 bytes behind its first byte. */
function packet(first: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = length < 128 ? [first, length] : [first, (length % 128) | 128, Math.floor(length / 128)];
  return Uint8Array.of(...head, ...parts.flatMap((part) => [...part]));
}

function text(value: string): Uint8Array {
  const bytes = utf8.encode(value);
  return Uint8Array.of(bytes.length >> 8, bytes.length & 255, ...bytes);
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** One message to each of the topics, one behind the other. */
function round(): Uint8Array {
  const payload = utf8.encode(`{"v":21.5,"ts":1767225600000,"u":"degC","q":"good"}`.padEnd(109));
  const packets = Array.from({ length: TAGS }, (_, i) => packet(0x30, text(`plant/line1/sensor${i}`), payload));
  return Uint8Array.of(...packets.flatMap((each) => [...each]));
}

using conn = await Deno.connect({ hostname: "127.0.0.1", port });
await writeAll(conn, packet(0x10, text("MQTT"), Uint8Array.of(4, 2, 0, 60), text("publisher")));
await conn.read(new Uint8Array(4)); // CONNACK
console.log("publishing");
const messages = round();
const startMs = performance.now();
for (let sent = 0; sent < total;) {
  const due = Math.min(total, ((performance.now() - startMs) * rate) / 1000);
  for (; sent < due; sent += TAGS) await writeAll(conn, messages);
  await new Promise((resolve) => setTimeout(resolve, STEP_MS));
}
await new Promise((resolve) => setTimeout(resolve, 60_000)); // whoever measures ends it
