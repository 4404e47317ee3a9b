import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import { upgrade } from "./upgrade.ts";

const OPENS = ["Upgrade: websocket", "connection: upgrade", "SEC-WEBSOCKET-PROTOCOL:mqtt"];

/** What asking for a WebSocket comes to where the server answers with these lines, and its key's answer. */
async function outcomeOf(answer: (accept: string) => string): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const server = createServer((socket) => {
    stack.defer(() => void socket.destroy());
    socket.on("error", () => {}); // the client has left
    socket.on("data", (chunk: Uint8Array) => {
      const [, key = ""] = /^Sec-WebSocket-Key: (\S+)/m.exec(new TextDecoder().decode(chunk)) ?? [];
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.write(answer(accept));
    });
  });
  stack.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has a port");
  const socket: Socket = connect(address.port, "127.0.0.1");
  stack.defer(() => void socket.destroy());
  const endpoint = { scheme: "ws", hostname: "127.0.0.1", port: address.port, path: "/mqtt" } as const;
  return await upgrade(socket, endpoint).then((stream) => (stream.destroy(), "open"), (error) => error.message);
}

function answering(lines: readonly string[]): (accept: string) => string {
  const head = ["HTTP/1.1 101 Switching Protocols", ...lines];
  return (accept) => [...head, `Sec-WebSocket-Accept: \t${accept} \t`, "\r\n"].join("\r\n");
}

Deno.test("upgrade() takes fields of the answer in any case and with any blanks around them", async () => {
  assert.equal(await outcomeOf(answering(OPENS)), "open");
});

Deno.test("upgrade() takes no field for another whose name ends like it", async () => {
  const says = await outcomeOf(answering(["X-Sec-WebSocket-Protocol: mqtt"]));
  assert.match(says, /the server does not say that it speaks MQTT/);
});

Deno.test("upgrade() refuses an answer whose head is too long, before it looks into it", async () => {
  const long = `Sec-WebSocket-Protocol:${" ".repeat(60_000)}x`;
  assert.match(
    await outcomeOf(answering([long, ...OPENS])),
    /has a head of more than 16384 bytes: check port and path/,
  );
});
