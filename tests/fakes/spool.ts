/** A spool in a directory of its own, and what it reports. */
import { SpoolBuffer, type SpoolBufferOptions } from "../../src/buffer/spool/mod.ts";
import type { ConnectorEvent } from "../../src/core/event.ts";
import { systemClock } from "../../src/lib/clock.ts";

/** A home directory, removed when disposed. */
export class SpoolHome implements AsyncDisposable {
  readonly path: string;
  readonly events: ConnectorEvent[] = [];
  #boots = 0;

  constructor(path = Deno.makeTempDirSync({ prefix: "spool_" })) {
    this.path = path;
  }

  get directory(): string {
    return `${this.path}/spool`;
  }

  get keyPath(): string {
    return `${this.path}/certs/spool_encryption.key`;
  }

  /** The spool, opened as by the next start of a process. */
  open(overrides: Partial<SpoolBufferOptions> = {}): Promise<SpoolBuffer> {
    return SpoolBuffer.open({
      ...spoolOptions(this.path),
      bootEpoch: 100 + this.#boots++,
      report: (event) => {
        this.events.push(event);
      },
      ...overrides,
    });
  }

  /** The events of this kind so far. */
  eventsOf<K extends ConnectorEvent["kind"]>(kind: K): Extract<ConnectorEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<ConnectorEvent, { kind: K }> => event.kind === kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Options for a spool in the home directory `path`. */
export function spoolOptions(path: string): SpoolBufferOptions {
  return {
    edgeId: "edge",
    bootEpoch: 100,
    directory: `${path}/spool`,
    keyPath: `${path}/certs/spool_encryption.key`,
    isCompressed: true,
    maxBytes: 100e6,
    dropPolicy: "reject_new",
    warningThreshold: 0.8,
    maxUnsent: 1000,
    maxUnsentBytes: 8e6,
    commitIntervalMs: 20,
    reserveMb: 0,
    maxRowBytes: 4e6,
    maxDeadLetterBytes: 1e6,
    clock: systemClock,
    report: () => {},
  };
}
