import process from "node:process";
import { systemClock } from "../lib/clock.ts";
import type { Terminal } from "./command.ts";

/** One Ctrl-C often comes twice, from the terminal and from whoever started us: what comes so soon is the same request. */
const SAME_REQUEST_MS = 1000;

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
  return {
    out: writerTo(Deno.stdout),
    err: writerTo(Deno.stderr),
    env: (name) => Deno.env.get(name),
    clock: systemClock,
    random: Math.random,
    stopping: stopping.signal,
    killed: killed.signal,
    [Symbol.dispose]: () => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.removeSignalListener(signal, onSignal);
    },
  };
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
