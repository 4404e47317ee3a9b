/**
 * An MQTT 5 broker that answers CONNECT and the first SUBSCRIBE as it is told, no PINGREQ, and may then end the session.
 */
export interface Script {
  /** Reason code of CONNACK (MQTT 5, 3.2.2.2); lets anybody in by default. */
  readonly connAck?: number;
  /** Reason codes of SUBACK (MQTT 5, 3.9.3), for the filters of the first SUBSCRIBE. */
  readonly subAck: readonly number[];
  /** Reason code of a DISCONNECT (MQTT 5, 3.14.2.1), sent at once after SUBACK, before the connection is closed. */
  readonly disconnect?: number;
}

const CONNECT = 1;
const SUBSCRIBE = 8;

/** Listens at once, on a free port of 127.0.0.1. */
export function startScriptedBroker(script: Script): AsyncDisposable & { readonly port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = serve(listener, script);
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

async function serve(listener: Deno.TcpListener, script: Script): Promise<void> {
  for await (const conn of listener) {
    using _closed = conn;
    // Packets of the client are short, and it waits for each answer: every read is one packet.
    const bytes = new Uint8Array(4096);
    for (let count = await conn.read(bytes); count !== null; count = await conn.read(bytes)) {
      const type = bytes[0]! >> 4; // a packet has a first byte
      if (type === CONNECT) await conn.write(Uint8Array.of(0x20, 3, 0, script.connAck ?? 0, 0));
      if (type !== SUBSCRIBE) continue;
      await conn.write(answer(bytes.subarray(2, 4), script));
      if (script.disconnect !== undefined) break;
    }
  }
}

function answer(packetId: Uint8Array, { subAck, disconnect }: Script): Uint8Array {
  const ending = disconnect === undefined ? [] : [0xe0, 2, disconnect, 0];
  return Uint8Array.of(0x90, 3 + subAck.length, ...packetId, 0, ...subAck, ...ending);
}
