import { systemClock } from "../lib/clock.ts";
import type { Terminal } from "./command.ts";

const utf8 = new TextEncoder();

/** This process's streams, environment and signals. */
export function hostTerminal(): Terminal & Disposable {
  const stopping = new AbortController();
  const killed = new AbortController();
  const onSignal = () => stopping.signal.aborted ? killed.abort() : stopping.abort();
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
