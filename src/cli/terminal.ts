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
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => writeAll(Deno.stderr, text),
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

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = utf8.encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // nobody reads any more: nobody to tell
  }
}
