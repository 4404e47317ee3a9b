/**
 * An MQTT 5 broker that answers CONNECT and the first SUBSCRIBE as it is told, no PINGREQ and no PUBLISH, and may then end
 * the session.
 */
export interface Script {
  /** Reason code of CONNACK (MQTT 5, 3.2.2.2); lets anybody in by default. */
  readonly connAck?: number;
  /** Reason codes of SUBACK (MQTT 5, 3.9.3), for the filters of the first SUBSCRIBE; no answer where there are none. */
  readonly subAck: readonly number[];
  /** So many messages of QoS 1 follow the first PUBLISH, a kilobyte each, whatever the client said that it takes. */
  readonly messages?: number;
  /** Reason code of a DISCONNECT (MQTT 5, 3.14.2.1), sent at once after SUBACK, before the connection is closed. */
  readonly disconnect?: number;
}

export interface ScriptedBroker extends AsyncDisposable {
  readonly port: number;
  /** Types of the packets that came (MQTT 5, 2.1.2), of all connections. */
  readonly packets: readonly number[];
}

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const DISCONNECT = 14;

/** Listens at once, on a free port of 127.0.0.1. */
export function startScriptedBroker(script: Script): ScriptedBroker {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const packets: number[] = [];
  const serving = serve(listener, script, packets);
  return {
    port: listener.addr.port,
    packets,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

async function serve(listener: Deno.TcpListener, script: Script, packets: number[]): Promise<void> {
  for await (const conn of listener) {
    using _closed = conn;
    let waiting = script.messages ?? 0;
    for await (const packet of packetsOf(conn)) {
      const type = packet[0]! >> 4; // a packet has a first byte
      packets.push(type);
      if (type === CONNECT) await send(conn, Uint8Array.of(0x20, 3, 0, script.connAck ?? 0, 0));
      if (type === DISCONNECT) break;
      if (type === PUBLISH) { for (; waiting > 0; waiting--) await send(conn, message(waiting)); }
      if (type !== SUBSCRIBE || script.subAck.length === 0) continue;
      await send(conn, answer(packet.subarray(2, 4), script));
      if (script.disconnect !== undefined) break;
    }
  }
}

/** What comes, packet by packet, none of them longer than 16 KiB. */
async function* packetsOf(conn: Deno.Conn): AsyncIterable<Uint8Array> {
  const bytes = new Uint8Array(65_536);
  let filled = 0;
  for (let count; (count = await conn.read(bytes.subarray(filled)).catch(() => null)) !== null;) {
    filled += count;
    for (let length; (length = lengthOf(bytes.subarray(0, filled))) <= filled; filled -= length) {
      yield bytes.slice(0, length);
      bytes.copyWithin(0, length, filled);
    }
  }
}

/** Of the first packet (MQTT 5, 1.5.5); endless while it cannot be known. */
function lengthOf(bytes: Uint8Array): number {
  const [, low = 0x80, high = 0] = bytes;
  if (low < 0x80) return 2 + low;
  return bytes.length < 3 ? Infinity : 3 + (low & 0x7f) + high * 128;
}

/** The client may have left. */
async function send(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at)).catch(() => bytes.length);
}

function answer(packetId: Uint8Array, { subAck, disconnect }: Script): Uint8Array {
  const ending = disconnect === undefined ? [] : [0xe0, 2, disconnect, 0];
  return Uint8Array.of(0x90, 3 + subAck.length, ...packetId, 0, ...subAck, ...ending);
}

/** A PUBLISH of topic `t` (MQTT 5, 3.3). */
function message(id: number): Uint8Array {
  const payload = new Uint8Array(1024);
  const length = payload.length + 6;
  return Uint8Array.of(0x32, 0x80 | (length & 0x7f), length >> 7, 0, 1, 0x74, id >> 8, id & 255, 0, ...payload);
}
