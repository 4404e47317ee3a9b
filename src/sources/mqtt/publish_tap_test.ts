import assert from "node:assert/strict";
import { UnreadSocket } from "../../../tests/fakes/unread_socket.ts";
import { PublishTap } from "./publish_tap.ts";

/** PUBREL of packet identifiers from 1 (MQTT 5, 3.6). */
function releases(count: number): Uint8Array {
  return Uint8Array.from({ length: count * 4 }, (_, i) => [0x62, 2, ((i >> 2) + 1) >> 8, (i >> 2) + 1][i & 3] ?? 0);
}

Deno.test("PublishTap does not read on while the broker reads no answers, and goes on when it does", async () => {
  const socket = new UnreadSocket();
  const answer = new Uint8Array(4);
  let released = 0;
  const tap = new PublishTap(socket, {
    protocolVersion: 5,
    maxPayloadBytes: 1000,
    onMessage: () => {},
    onRelease: () => {
      released++;
      tap.write(answer);
    },
    onChunkEnd: () => {},
  });
  const flood = releases(10_000);
  for (let i = 0; i < 100; i++) socket.push(flood);
  await turns();
  assert.ok(released >= 262_144 && released < 300_000, `${released} of 1,000,000 are here`);
  socket.readOn();
  while (released < 1_000_000) await turns();
  assert.equal(socket.written, 4_000_000);
  tap.destroy();
});

function turns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
