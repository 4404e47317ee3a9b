import process from "node:process";
import { ConfigError } from "../core/error.ts";
import { systemClock } from "../lib/clock.ts";
import type { Terminal } from "./command.ts";
import { ProgressBar } from "./progress.ts";

/** One Ctrl-C often comes twice, from the terminal and from whoever started us: what comes so soon is the same request. */
const SAME_REQUEST_MS = 1000;
/** Of a passphrase. */
const MAX_INPUT_BYTES = 4096;

const utf8 = new TextEncoder();

/** This process's streams, environment and signals. */
export function hostTerminal(): Terminal & Disposable {
  process.noDeprecation = true; // what libraries say of each other is not for who reads our log
  const stopping = new AbortController();
  const killed = new AbortController();
  let stoppingMs = 0;
  const onSignal = () => {
    if (!stopping.signal.aborted) {
      stoppingMs = systemClock.monotonicMs();
      stopping.abort();
    } else if (systemClock.monotonicMs() - stoppingMs > SAME_REQUEST_MS) killed.abort();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, onSignal);
  const err = writerTo(Deno.stderr);
  const bar = new ProgressBar(err, systemClock);
  const isWatched = Deno.stderr.isTerminal();
  return {
    out: below(bar, writerTo(Deno.stdout)),
    err: below(bar, err),
    isWatched,
    progress: (at) => isWatched && bar.show(at),
    hasRoom: () => Promise.resolve(), // what is written is written when `out` returns
    readInput: () => Promise.resolve(readAll(Deno.stdin)),
    env: (name) => Deno.env.get(name),
    clock: systemClock,
    random: Math.random,
    onReload: (task) => {
      Deno.addSignalListener("SIGHUP", task);
      return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGHUP", task) };
    },
    stopping: stopping.signal,
    killed: killed.signal,
    [Symbol.dispose]: () => {
      bar.clear();
      for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.removeSignalListener(signal, onSignal);
    },
  };
}

/** The bar gives way to other text. */
function below(bar: ProgressBar, write: (text: string) => void): (text: string) => void {
  return (text) => {
    bar.clear();
    write(text);
  };
}

/** @throws {ConfigError} when it is more than a passphrase can be */
function readAll(stream: { readSync(into: Uint8Array): number | null }): string {
  const bytes = new Uint8Array(MAX_INPUT_BYTES + 1);
  let length = 0;
  for (let read = 0; length < bytes.length; length += read) {
    const found = stream.readSync(bytes.subarray(length));
    if (found === null) break;
    read = found;
  }
  if (length <= MAX_INPUT_BYTES) return new TextDecoder().decode(bytes.subarray(0, length));
  throw new ConfigError("input_too_long", `Standard input has more than ${MAX_INPUT_BYTES} bytes: it is no passphrase`);
}

/**
 * Writes without ever throwing: a full disk or a reader that left must not stop what only wanted to tell of itself. What
 * could not be written is counted, and told with the next text that can.
 */
function writerTo(stream: { writeSync(bytes: Uint8Array): number }): (text: string) => void {
  let lost = 0;
  return (text) => {
    const bytes = utf8.encode(lost > 0 ? `${lostLine(lost)}\n${text}` : text);
    try {
      for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
      lost = 0;
    } catch {
      lost++;
    }
  };
}

const lostLine = (lines: number) => `{"level":"warn","message":"${lines} lines before this one could not be written"}`;
