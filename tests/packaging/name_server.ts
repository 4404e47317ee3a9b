/** A name server (RFC 1035) that knows one name, as this host's own address. */

/** Listens on UDP at `hostname`, port 53, which takes root. Resolves names to 127.0.0.1. */
export function startNameServer(
  hostname: string,
  name: string,
): AsyncDisposable & { readonly asked: readonly string[] } {
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port: 53 });
  const asked: string[] = [];
  const answering = (async () => {
    for await (const [query, from] of socket) {
      const question = questionOf(query);
      asked.push(question.name);
      await socket.send(answerTo(query, question, question.name === name && question.type === A), from);
    }
  })();
  return {
    asked,
    async [Symbol.asyncDispose]() {
      socket.close();
      await answering;
    },
  };
}

const A = 1;
const HEADER_BYTES = 12;

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where it ends. */
  readonly end: number;
}

function questionOf(query: Uint8Array): Question {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  const type = new DataView(query.buffer, query.byteOffset).getUint16(at + 1);
  return { name: labels.join("."), type, end: at + 5 };
}

/** The question again, and one record or none: NOERROR both times. */
function answerTo(query: Uint8Array, { end }: Question, isKnown: boolean): Uint8Array {
  const record = isKnown ? [0xc0, HEADER_BYTES, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1] : [];
  const header = [...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isKnown ? 1 : 0, 0, 0, 0, 0];
  return new Uint8Array([...header, ...query.subarray(HEADER_BYTES, end), ...record]);
}
