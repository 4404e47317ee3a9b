import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { UnreadSocket } from "../../../../tests/fakes/unread_socket.ts";
import { FRAME } from "./frame.ts";
import { WebSocketStream } from "./stream.ts";

/** First byte of a ping that is whole (RFC 6455, 5.2). */
const PING = 0x89;

Deno.test("WebSocketStream makes the server wait while nobody reads, and then gives every byte in order", async () => {
  await using pair = await socketPair();
  const stream = new WebSocketStream(pair.client, new Uint8Array(0));
  stream.pause();
  const frame = serverFrame(60_000);
  const total = 500;
  let taken = 0; // by the server's kernel
  const sent = (async () => {
    for (; taken < total; taken++) await written(pair.server, frame);
  })();
  let before = -1;
  while (taken !== before) { // until nothing moves any more
    before = taken;
    for (let i = 0; i < 200; i++) await turn();
  }
  assert.ok(taken < total, "the server has to wait");
  let bytes = 0;
  stream.on("data", (chunk: Uint8Array) => {
    for (const byte of chunk) assert.equal(byte, bytes++ % 60_000 % 251);
  });
  stream.resume();
  await sent;
  while (bytes < total * 60_000) await turn();
  stream.destroy();
});

Deno.test("WebSocketStream answers the newest ping alone while the server reads no answers", async () => {
  const socket = new UnreadSocket();
  const stream = new WebSocketStream(socket, new Uint8Array(0));
  const pings = Array.from({ length: 1000 }, (_, i) => [PING, 2, i >> 8, i & 255]);
  for (let i = 0; i < 10; i++) socket.push(Uint8Array.from(pings.flat()));
  await turn();
  assert.ok(socket.written + socket.writableLength < 100, `${socket.writableLength} bytes wait`);
  socket.readOn();
  while (socket.pieces.length < 2) await turn();
  await turn();
  assert.deepEqual(socket.pieces.map(pongOf), [0, 999]);
  stream.destroy();
});

/** The number in an answer to a ping, which is masked (RFC 6455, 5.3). */
function pongOf(frame: Uint8Array): number {
  const [first, second, ...rest] = frame;
  assert.deepEqual([first, second], [FRAME.pong, 0x82]);
  const [high = 0, low = 0] = rest.slice(4).map((byte, i) => byte ^ (rest[i] ?? 0));
  return high << 8 | low;
}

/** A binary frame of so many bytes, below 65,536. */
function serverFrame(length: number): Uint8Array {
  const payload = Uint8Array.from({ length }, (_, i) => i % 251);
  return Uint8Array.of(FRAME.binary, 126, length >> 8, length & 255, ...payload);
}

function written(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => socket.write(bytes, (error) => error ? reject(error) : resolve()));
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Two ends of a connection over loopback. */
async function socketPair(): Promise<AsyncDisposable & { readonly client: Socket; readonly server: Socket }> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has a port");
  const accepted = new Promise<Socket>((resolve) => listener.once("connection", resolve));
  const client = connect(address.port, "127.0.0.1");
  const server = await accepted;
  return {
    client,
    server,
    async [Symbol.asyncDispose]() {
      for (const socket of [client, server]) socket.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}
