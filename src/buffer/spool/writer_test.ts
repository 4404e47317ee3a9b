import assert from "node:assert/strict";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { eventually } from "../../../tests/wait.ts";
import { Ballast } from "./ballast.ts";
import type { Change } from "./store.ts";
import { Writer } from "./writer.ts";

Deno.test("Writer writes the same bytes again when a commit fails", async () => {
  const attempts: Uint8Array[] = [];
  const write = ({ blobs }: Change): Promise<void> => {
    attempts.push((blobs[0]?.sealed ?? new Uint8Array()).slice());
    return attempts.length < 3 ? Promise.reject(new Error("no space")) : Promise.resolve();
  };
  const clock = new FakeClock();
  const writer = new Writer({
    store: { write },
    ballast: new Ballast("/nowhere", 0),
    clock,
    report: () => {},
    liveBytes: () => 0,
    changed: () => {},
  });
  const sealed = new Uint8Array(5000).fill(7);
  const written = writer.write({ blobs: [{ key: ["chunk", 0, 1], sealed }], entries: [], deleted: [] });
  await eventually("it waits for the third attempt", () => attempts.length === 2 && clock.sleeping === 2);
  await clock.advance(1000);
  await written;
  assert.deepEqual(attempts, Array.from({ length: 3 }, () => new Uint8Array(5000).fill(7)));
  await writer.close();
});

Deno.test("Writer says how long the store has owed an answer, and takes an error for one", async () => {
  const answers: PromiseWithResolvers<void>[] = [];
  const write = () => {
    const answer = Promise.withResolvers<void>();
    answers.push(answer);
    return answer.promise;
  };
  const clock = new FakeClock();
  const options = { report: () => {}, liveBytes: () => 0, changed: () => {}, clock };
  const writer = new Writer({ store: { write }, ballast: new Ballast("/nowhere", 0), ...options });
  const written = writer.write({ blobs: [], entries: [], deleted: [] });
  await clock.advance(7000);
  assert.equal(writer.unansweredMs, 7000);
  answers[0]?.reject(new Error("no space"));
  await eventually("it tries again", () => answers.length === 2);
  assert.equal(writer.unansweredMs, 0);
  answers[1]?.resolve();
  await written;
  await clock.advance(1000);
  assert.equal(writer.unansweredMs, 0);
  await writer.close();
});
