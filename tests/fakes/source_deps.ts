import type { SourceDeps, SourceEvent } from "../../src/core/source.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { FakeLogger } from "./logger.ts";

/** What a source is given, with its events and log lines kept for the test. */
export interface FakeSourceDeps extends SourceDeps {
  readonly log: FakeLogger;
  readonly events: SourceEvent[];
}

/** Real time and a fixed random, unless `overrides` say otherwise. */
export function fakeSourceDeps(overrides: Partial<SourceDeps> = {}): FakeSourceDeps {
  const events: SourceEvent[] = [];
  return {
    clock: systemClock,
    random: () => 0.5,
    home: Deno.cwd(),
    edgeId: "0123456789abcdef",
    extraRoots: undefined,
    report: (event) => void events.push(event),
    ...overrides,
    log: new FakeLogger(),
    events,
  };
}
