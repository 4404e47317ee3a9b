/** A serial line of pseudo-terminals with programs by others at its far end, and a source that reads it. */
import assert from "node:assert/strict";
import type { Source, SourceConfig } from "../../src/core/source.ts";
import type { ModbusReading } from "../../src/sources/modbus/reading.ts";
import { modbus } from "../../src/sources/modbus/spec.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { LineRelay } from "../peers/line_relay.ts";
import { PeerProcess } from "../peers/process.ts";
import { PYTHON } from "../peers/provision.ts";
import { Pty } from "../peers/pty.ts";
import { eventually } from "../wait.ts";

const peers = new URL("./peers/", import.meta.url).pathname;

/** Both ends of a line and the wire between them. */
export class SerialStand implements AsyncDisposable {
  readonly relay: LineRelay;
  /** The host's end. */
  readonly line: Pty;
  /** The device's end. */
  readonly far: Pty;
  readonly directory: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(stack: AsyncDisposableStack, relay: LineRelay, directory: string, line: Pty, far: Pty) {
    this.#stack = stack;
    this.relay = relay;
    this.directory = directory;
    this.line = line;
    this.far = far;
  }

  static async start(): Promise<SerialStand> {
    await using stack = new AsyncDisposableStack();
    const directory = await Deno.makeTempDir({ prefix: "line_" });
    stack.defer(() => Deno.remove(directory, { recursive: true }));
    const relay = stack.use(new LineRelay());
    const far = stack.use(await Pty.start(`${directory}/far`, relay.device.port));
    const line = stack.use(await Pty.start(`/dev/tty_${crypto.randomUUID().slice(0, 8)}_ttyPLC`, relay.host.port));
    return new SerialStand(stack.move(), relay, directory, line, far);
  }

  /** libmodbus's RTU server as one unit. */
  async libmodbus(unit: number): Promise<PeerProcess> {
    const binary = `${this.directory}/server`;
    const source = `${peers}modbus_serial_libmodbus_server.c`;
    const args = ["-Wall", "-Werror", "-I/usr/include/modbus", source, "-lmodbus", "-o", binary];
    const { success, stderr } = await new Deno.Command("gcc", { args, stderr: "piped" }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const { peer } = await PeerProcess.start(binary, { args: [this.far.path, `${unit}`], ready: /^listening$/ });
    return this.#stack.use(peer);
  }

  /** pymodbus's serial server as units 3 and 17. */
  async pymodbus(framing: "rtu" | "ascii"): Promise<PeerProcess> {
    const args = [`${peers}modbus_serial_pymodbus_server.py`, "--device", this.far.path, "--framing", framing];
    const { peer } = await PeerProcess.start(PYTHON, { args, ready: /^listening$/ });
    return this.#stack.use(peer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** A source over `endpoint`, at a speed that the pseudo-terminals do not keep to. */
export function serialConfig(endpoint: string, block: Record<string, unknown>): SourceConfig {
  const serial = { baudrate: 115_200, timeout_seconds: 0.3, ...(block.serial ?? {}) };
  const settings = modbus.schema.parse({
    addressing: "zero_based",
    poll_interval_seconds: 0.01,
    timeout_seconds: 0.3,
    ...block,
    serial,
  });
  return { name: "line", endpoint, labels: {}, settings };
}

/** Sessions one after another, as the supervisor makes them, read until the test ends. */
export class LineReader implements AsyncDisposable {
  readonly deps = fakeSourceDeps();
  readonly readings: ModbusReading[] = [];
  /** Why sessions ended. */
  readonly endings: unknown[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(config: SourceConfig) {
    this.#ended = this.#run(config);
  }

  /** Every value of `tag` so far. */
  values(tag: string): (number | undefined)[] {
    return this.readings.filter((reading) => reading.tag === tag).map(({ value }) => value);
  }

  /** The next value of `tag`. */
  async next(tag: string): Promise<number | undefined> {
    const known = this.values(tag).length;
    await eventually(
      `a value of ${tag}; ended by ${this.endings.at(-1)}`,
      () => this.values(tag).length > known,
      20_000,
    );
    return this.values(tag).at(-1);
  }

  /** How often something came that is no answer. */
  faults(what: string): number {
    return this.deps.events.filter((event) => event.kind === "device_side" && event.what === what).length;
  }

  get tagEvents(): string[] {
    return this.deps.events.flatMap((event) => {
      if (event.kind === "tag_failed") return [`failed ${event.tag}: ${event.reason}`];
      return event.kind === "tag_recovered" ? [`recovered ${event.tag}`] : [];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(config: SourceConfig): Promise<void> {
    const adapter = await modbus.load();
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await using source = adapter.create(config, this.deps);
      try {
        await source.connect(AbortSignal.any([signal, AbortSignal.timeout(10_000)]));
        await this.#read(source, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.endings.push(error);
      }
      await this.deps.clock.sleep(20, signal).catch(() => {}); // the backoff of the supervisor
    }
  }

  async #read(source: Source, signal: AbortSignal): Promise<void> {
    for await (const batch of source.batches(signal)) {
      // The batches of this source hold its own readings.
      this.readings.push(...(batch.readings as readonly ModbusReading[]));
      batch.ack();
    }
  }
}
