/**
 * Publishes the numbers 1, 2, 3, … to each topic `plant/t0`, `plant/t1`, … with QoS 1 at a steady rate, by frames written
 * by hand (MQTT 3.1.1, 3.1, 3.3 and 3.4), which costs the machine less than a client would. Words: port, topics,
 * messages a second. Prints `publishing`; after SIGTERM, once the broker has acknowledged all, `published N` with the last
 * number of each topic.
 */
const STEP_MS = 5;
/** Packet identifiers in turn; so many are never unacknowledged at a time. */
const IDS = 60_000;
const [port = 0, topics = 0, rate = 0] = Deno.args.map(Number);
const utf8 = new TextEncoder();
let acknowledged = 0;
let isOver = false;
Deno.addSignalListener("SIGTERM", () => isOver = true);

/** A packet of fewer than 128 bytes behind its head. */
function packet(first: number, ...parts: readonly Uint8Array[]): number[] {
  const body = parts.flatMap((part) => [...part]);
  return [first, body.length, ...body];
}

function text(value: string): Uint8Array {
  const bytes = utf8.encode(value);
  return Uint8Array.of(bytes.length >> 8, bytes.length & 255, ...bytes);
}

/** The same number to every topic. */
function round(number: number): Uint8Array {
  const payload = utf8.encode(String(number));
  const packets = Array.from({ length: topics }, (_, t) => {
    const id = ((number - 1) * topics + t) % IDS + 1;
    return packet(0x32, text(`plant/t${t}`), Uint8Array.of(id >> 8, id & 255), payload);
  });
  return Uint8Array.from(packets.flat());
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Counts receipts: of whatever follows the CONNACK, each is a PUBACK of four bytes. */
async function countReceipts(conn: Deno.TcpConn): Promise<void> {
  const bytes = new Uint8Array(65_536);
  for (let total = 0;;) {
    const count = await conn.read(bytes);
    if (count === null) throw new Error("the broker closed the connection");
    acknowledged = Math.floor((total += count) / 4);
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const conn = await Deno.connect({ hostname: "127.0.0.1", port });
await writeAll(conn, Uint8Array.from(packet(0x10, text("MQTT"), Uint8Array.of(4, 2, 0, 0), text("steady"))));
await conn.read(new Uint8Array(4)); // CONNACK
void countReceipts(conn);
console.log("publishing");
const startMs = performance.now();
let number = 0;
while (!isOver) {
  const due = ((performance.now() - startMs) * rate) / 1000 / topics;
  while (number < due && number * topics - acknowledged < IDS) await writeAll(conn, round(++number));
  await wait(STEP_MS);
}
while (acknowledged < number * topics) await wait(STEP_MS);
console.log(`published ${number}`);
Deno.exit(0);
