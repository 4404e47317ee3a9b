import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { Publisher } from "./publisher.ts";
import type { RawSession } from "./session.ts";

await hostNameAsked();

/** A publisher whose server takes requests and answers none. */
function silent() {
  const clock = new FakeClock();
  const session = { publish: () => {} } as unknown as RawSession; // no other service is used here
  const agreed = { subscriptionId: 1, keepAliveMs: 10_000, silenceMs: 25_000 };
  const ignore = () => {};
  return {
    clock,
    publisher: new Publisher(session, agreed, { clock, onData: ignore, onMissed: ignore, onLost: ignore }),
  };
}

Deno.test("Publisher gives the server's silence as the cause of a break where it owed a sign of life", async () => {
  const { clock, publisher } = silent();
  publisher.ask();
  await clock.advance(10_900);
  assert.equal(publisher.breakReason, "the connection broke");
  await clock.advance(9100);
  assert.equal(publisher.breakReason, "the server said nothing for 20 s");
});

Deno.test("Publisher does not blame a server that it did not ask", async () => {
  const { clock, publisher } = silent();
  publisher.ask();
  publisher.hold();
  await clock.advance(60_000);
  assert.equal(publisher.breakReason, "the connection broke");
  assert.equal(publisher.isSilent, false);
});
