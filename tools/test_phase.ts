import { countTests } from "./test_counts.ts";

/** One child of the test run: a check, which passes or fails as a whole, or a run of `deno test`. */
export interface Phase {
  readonly name: string;
  readonly kind: "check" | "tests";
  /** Words for Deno itself. */
  readonly args: readonly string[];
  /** Then the child is ended and the phase has failed. */
  readonly limitMs: number;
}

/** What a phase adds to the sum. */
export interface PhaseResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  /** Why there is a failure that no test reports; undefined where there is none. */
  readonly fault?: string;
  readonly tookMs: number;
}

/** Runs one phase with this same Deno, passing its output on. Never rejects because the phase fails. */
export async function runPhase(phase: Phase, root: string): Promise<PhaseResult> {
  const startedAt = performance.now();
  const ending = await runToEnd(phase, root);
  const tookMs = performance.now() - startedAt;
  return { name: phase.name, ...judge(phase, ending), tookMs };
}

/** How a child ended. */
export interface Ending {
  readonly output: string;
  readonly isSuccess: boolean;
  readonly isTimeout: boolean;
}

/**
 * Counts of a phase. A failed check is one failure; so is a test run that ends without a summary, runs no test, takes
 * too long, or fails without naming a test (an error between tests, a leak at the end).
 */
export function judge(phase: Phase, ending: Ending): Pick<PhaseResult, "passed" | "failed" | "fault"> {
  const counts = phase.kind === "tests" ? countTests(ending.output) : { passed: 0, failed: 0, ignored: 0 };
  const { passed, failed } = counts ?? { passed: 0, failed: 0 };
  const fault = faultOf(phase, ending, counts && { ran: passed + failed, failed });
  return { passed, failed: failed + (fault ? 1 : 0), ...(fault ? { fault } : {}) };
}

function faultOf(
  { kind, limitMs }: Phase,
  { isSuccess, isTimeout }: Ending,
  counts: { ran: number; failed: number } | undefined,
): string | undefined {
  if (isTimeout) return `it was not done after ${limitMs / 1000} s`;
  if (kind === "check") return isSuccess ? undefined : "the check failed";
  if (!counts) return "it ended before it could sum up";
  if (counts.ran === 0) return "it ran no test";
  return !isSuccess && counts.failed === 0 ? "it failed outside of its tests" : undefined;
}

async function runToEnd({ args, limitMs }: Phase, root: string): Promise<Ending> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isTimeout = false;
  const timer = setTimeout(() => {
    isTimeout = true;
    child.kill("SIGKILL");
  }, limitMs);
  const [output, , status] = await Promise.all([
    passOn(child.stdout, Deno.stdout),
    passOn(child.stderr, Deno.stderr),
    child.status,
  ]);
  clearTimeout(timer);
  return { output, isSuccess: status.success, isTimeout };
}

/** Copies a stream's lines to ours and resolves with its last 64 KiB as text: a summary is at the end. */
async function passOn(from: ReadableStream<Uint8Array<ArrayBuffer>>, to: typeof Deno.stdout): Promise<string> {
  const encoder = new TextEncoder();
  let kept = "";
  let rest = "";
  for await (const text of from.pipeThrough(new TextDecoderStream())) {
    const end = (rest + text).lastIndexOf("\n") + 1;
    const whole = (rest + text).slice(0, end);
    rest = (rest + text).slice(end);
    to.writeSync(encoder.encode(joinDots(whole)));
    kept = (kept + text).slice(-65_536);
  }
  to.writeSync(encoder.encode(rest));
  return kept;
}

/** Without a terminal, Deno's dot reporter writes one dot a line. */
function joinDots(lines: string): string {
  return lines.replace(/^([.,!])\n/gm, "$1");
}
