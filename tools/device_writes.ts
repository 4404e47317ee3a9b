/**
 * Finds code of sources that could change a device. The connector reads: there is no Modbus write function, no OPC UA
 * Write or Call in it, and of MQTT no PUBLISH or will but the two of Sparkplug that are listed here. Whoever adds one has
 * to come past these rules.
 */

/** One way to change a device. */
interface Rule {
  /** Where it is looked for. */
  readonly folder: string;
  readonly pattern: RegExp;
  readonly what: string;
}

const RULES: readonly Rule[] = [
  {
    folder: "src/sources/modbus/",
    // 5, 6, 15, 16, 22 and 23 (Modbus Application Protocol V1.1b3, 6.5 to 6.17), in either notation, as a function.
    pattern: /(?:function|FUNCTION|fc)\w*\]?["']?\s*(?:[:=]|===?)\s*(?:0x)?0*(?:5|6|15|16|22|23|f|10|17)\b/i,
    what: "names a Modbus function that writes",
  },
  {
    folder: "src/sources/modbus/",
    pattern: /["']?\b(?:coil|discrete|holding|input)s?["']?\s*[:=]\s*(?:0x)?0*(?:5|6|15|16|22|23|f|10|17)\b/i,
    what: "gives a table of registers a function that writes",
  },
  {
    folder: "src/sources/modbus/",
    pattern:
      /setUint8\(\s*7\s*,(?!\s*FUNCTION\[)|encode(?:Write|Mask|Force|Preset)\w*\(|\bwrite(?:Single|Multiple|Coil|Register|Mask|File)|maskWrite/i,
    what: "makes a Modbus request that is not one of the four reads",
  },
  {
    folder: "src/sources/opcua/",
    pattern:
      /\b(?:Write|Call|CallMethod|HistoryUpdate|AddNodes|AddReferences|DeleteNodes|DeleteReferences)(?:Request|Item)\b/,
    what: "makes an OPC UA request that changes the server",
  },
  {
    folder: "src/sources/opcua/",
    pattern: /["'`](?:Write|Call|HistoryUpdate|Add|Delete)(?:Nodes|References)?["'`]\s*\+|\$\{\w+\}Request\b/,
    what: "puts the name of an OPC UA request together",
  },
  {
    folder: "src/sources/opcua/",
    pattern:
      /\bsession\b\)?[?!]?(?:\.|\[["'])(?:write|call|historyUpdate|addNodes|deleteNodes)|\bwriteSingleNode\b|\bcallMethod\b/i,
    what: "calls a service of OPC UA that changes the server",
  },
  {
    folder: "src/sources/mqtt/",
    pattern: /\bpublish(?:Async)?(?:["']\])?\s*\(|["']publish["']\s*[,}]|cmd:\s*["']publish["']|\bwill\b\s*:/,
    what: "publishes to the broker",
  },
];

/** The lines that hand bytes to a connection. Each was looked at: what goes out there is a read or an answer. */
const SENDS: readonly string[] = [
  // Bytes of encode() of a Framing: the four reads.
  'src/sources/modbus/serial/tcp_line.ts: if (await this.#conn.write(bytes) < bytes.length) throw new Error("the connection took part of a request");',
  "src/sources/modbus/serial/libc.ts: return this.#unlessLater(Number(this.#library.symbols.write(fd, bytes, BigInt(bytes.length))));",
  // The request of an exchange, which encode() of a Framing made, and from there to the line.
  "src/sources/modbus/serial/framed_connection.ts: await this.#line.send(request);",
  "src/sources/modbus/serial/serial_line.ts: const count = this.#call(() => this.#host.libc.send(this.#fd, rest)) ?? 0;",
  // A counter of this process, which wakes the thread that waits for lines.
  "src/sources/modbus/serial/watcher.ts: if (this.#polling) this.#libc.send(this.#wakeFd, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));",
  // Bytes of encodeRead().
  "src/sources/modbus/connection.ts: this.#send(encodeRead(range, transactionId));",
  'src/sources/modbus/connection.ts: if (await this.#conn.write(bytes) < bytes.length) throw new Error("the connection took part of a request");',
  // What mqtt.js sends: CONNECT, SUBSCRIBE, PINGREQ, DISCONNECT.
  "src/sources/mqtt/publish_tap.ts: this.#socket.write(chunk, done);",
  "src/sources/mqtt/publish_tap.ts: this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);",
  // The same in frames of a WebSocket, and the request that opens it.
  "src/sources/mqtt/websocket/stream.ts: this.#socket.write(frameOf(first, payload, crypto.getRandomValues(new Uint8Array(4))), done);",
  "src/sources/mqtt/websocket/upgrade.ts: socket.write(requestFor(endpoint, key));",
  "src/sources/mqtt/websocket/stream.ts: this.#send(FRAME.binary, chunk, done);",
  "src/sources/mqtt/websocket/stream.ts: this.#send(FRAME.binary, Buffer.concat(chunks.map(({ chunk }) => chunk)), done);",
  "src/sources/mqtt/websocket/stream.ts: this.#send(FRAME.close, Uint8Array.of(NORMAL >> 8, NORMAL & 255));",
  "src/sources/mqtt/websocket/stream.ts: this.#send(FRAME.pong, payload, () => {",
  // The state of the host application, and requests for births; what is none of these is refused by the session.
  "src/sources/mqtt/source.ts: const send: Send = (...sent) => this.#session?.send(...sent) ?? Promise.resolve();",
  "src/sources/mqtt/sparkplug/host.ts: await this.#send(topic, statePayload(isOnline, this.#stateMs), { qos: 1, retain: true });",
  "src/sources/mqtt/sparkplug/host.ts: const sent = this.#send(topic, rebirthPayload(this.#nowMs), { qos: 0, retain: false });",
  // A ReadRequest, and nothing else: perform() looks.
  "src/sources/opcua/read_response.ts: performMessageTransaction(request: ReadRequest, done: (error: Error | null, response?: unknown) => void): void;",
  "src/sources/opcua/read_response.ts: (session as unknown as Performing).performMessageTransaction(request, (error, response) => {",
  // Receipts for messages that arrived: PUBACK, PUBREC, PUBCOMP.
  "src/sources/mqtt/browse.ts: readonly #receipts = new Receipts((bytes) => this.#session?.write(bytes));",
  "src/sources/mqtt/listen.ts: readonly #receipts = new Receipts((bytes) => this.#session?.write(bytes));",
  "src/sources/mqtt/session.ts: if (!this.isLost && this.#tap.writable) this.#tap.write(bytes);",
  "src/sources/mqtt/source.ts: readonly #receipts = new Receipts((bytes) => this.#session?.write(bytes));",
];

/** The lines that publish. Both are of use to Sparkplug alone, and only where the configuration asks for it. */
const PUBLISHES: readonly string[] = [
  // Called by sparkplug/host.ts: the state of the host application, and requests for births.
  "src/sources/mqtt/session.ts: const sent = this.#client.publishAsync(topic, Buffer.from(payload), options);",
  // The state of the host application when it is gone without a word.
  "src/sources/mqtt/session.ts: ...(lastWord ? { will: { ...lastWord, payload: Buffer.from(lastWord.payload), qos: 1, retain: true } } : {}),",
];

const SEND =
  /\.write\(|\.getWriter\(|\.pipeTo\(|\.sendPacket\(|\["write"\]|\.#?send\(|\bperformMessageTransaction\b|\bpublishAsync\b(?!\()/;

/** What could change a device in a file of `src/sources`: one sentence each, beginning with file and line. */
export function deviceWrites(path: string, text: string): readonly string[] {
  return text.split("\n").flatMap((line, index) => {
    const code = codeOf(line);
    const isSeen = PUBLISHES.includes(`${path}: ${code}`);
    const faults = RULES.filter(({ folder, pattern }) => !isSeen && path.startsWith(folder) && pattern.test(code))
      .map(({ what }) => what);
    if (SEND.test(code) && !SENDS.includes(`${path}: ${code}`)) {
      faults.push("sends bytes from a place that nobody has looked at: see SENDS in tools/device_writes.ts");
    }
    return faults.map((what) => `${path}:${index + 1}: ${what}: ${code}`);
  });
}

/** Without comments of whole lines. */
function codeOf(line: string): string {
  const code = line.trim();
  return /^(?:\/\/|\/?\*)/.test(code) ? "" : code;
}
