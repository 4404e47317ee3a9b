import assert from "node:assert/strict";
import { SentPackets } from "./sent_packets.ts";

Deno.test("SentPackets has nothing to send again", async () => {
  const stream = new SentPackets().createStream();
  const ended = new Promise((resolve) => stream.once("end", resolve));
  assert.equal(stream.read(1), null);
  await ended;
});

Deno.test("SentPackets leaves no timer behind a stream that was given up", () => {
  new SentPackets().createStream().destroy();
});
