/**
 * `deno task test`: installs the tests' peers, then checks, builds and tests everything, phase by phase. The last line
 * is `N passed, N failed`; the exit code is 0 only when nothing failed. Words pick phases: `deno task test unit e2e`.
 */
import { provision } from "../tests/peers/provision.ts";
import { type Phase, type PhaseResult, runPhase } from "./test_phase.ts";

const root = new URL("../", import.meta.url).pathname;
const MINUTE = 60_000;

/** Tests that measure time run one after the other; only those of pure code share the processors. */
const PHASES: readonly Phase[] = [
  check("format", ["fmt", "--check"]),
  check("lint", ["lint"]),
  check("types", ["check"]),
  check("generated", ["run", "-A", "tools/gen.ts", "--check"]),
  tests("unit", {
    folders: ["src", "tools", "tests/bench", "routes", "islands"].filter(exists),
    isParallel: true,
    isTidy: true,
    limitMs: 5 * MINUTE,
  }),
  tests("integration", { folders: ["tests/integration"], limitMs: 8 * MINUTE }),
  tests("interop", { folders: ["tests/interop"], limitMs: 8 * MINUTE }),
  check("build", ["run", "-A", "tools/build.ts"]),
  tests("crash", { folders: ["tests/crash"], limitMs: 4 * MINUTE }),
  tests("e2e", { folders: ["tests/e2e"], limitMs: 15 * MINUTE }),
  tests("packaging", { folders: ["tests/packaging"], limitMs: 4 * MINUTE }),
  tests("docs", { folders: ["tests/docs"], limitMs: MINUTE }),
];

function check(name: string, args: readonly string[]): Phase {
  return { name, kind: "check", args, limitMs: 3 * MINUTE };
}

interface TestOptions {
  readonly folders: readonly string[];
  readonly isParallel?: boolean;
  /** A test that leaves a timer, a socket or a file behind fails: Deno looks for them only where it is told to. */
  readonly isTidy?: boolean;
  readonly limitMs: number;
}

function tests(name: string, { folders, isParallel = false, isTidy = false, limitMs }: TestOptions): Phase {
  const parallel = isParallel ? ["--parallel"] : [];
  const tidy = isTidy ? ["--sanitize-ops", "--sanitize-resources"] : [];
  return { name, kind: "tests", args: ["test", "-A", "--reporter=dot", ...parallel, ...tidy, ...folders], limitMs };
}

function exists(folder: string): boolean {
  try {
    return Deno.statSync(root + folder).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** @throws {TypeError} for a word that is no phase */
function chosen(words: readonly string[]): readonly Phase[] {
  const names = PHASES.map(({ name }) => name);
  const wrong = words.find((word) => !names.includes(word));
  if (wrong) throw new TypeError(`There is no phase ${wrong}; there are ${names.join(", ")}.`);
  return words.length === 0 ? PHASES : PHASES.filter(({ name }) => words.includes(name));
}

async function provisioned(): Promise<PhaseResult> {
  const startedAt = performance.now();
  const done = (fault?: string): PhaseResult => ({
    name: "peers",
    passed: 0,
    failed: fault ? 1 : 0,
    ...(fault ? { fault } : {}),
    tookMs: performance.now() - startedAt,
  });
  try {
    await provision();
    return done();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return done(error.message);
  }
}

function report({ name, passed, failed, fault, tookMs }: PhaseResult): void {
  const counts = passed + failed > 0 ? `, ${passed} passed, ${failed} failed` : "";
  const line = `${failed === 0 ? "ok  " : "FAIL"} ${name.padEnd(12)} ${(tookMs / 1000).toFixed(1)} s${counts}`;
  console.log(fault ? `${line}: ${fault}` : line);
}

async function runAll(phases: readonly Phase[]): Promise<readonly PhaseResult[]> {
  const results = [await provisioned()];
  report(results[0]!);
  if (results[0]!.fault) return results;
  for (const phase of phases) {
    console.log(`\n=== ${phase.name}`);
    const result = await runPhase(phase, root);
    report(result);
    results.push(result);
  }
  return results;
}

if (import.meta.main) {
  const results = await runAll(chosen(Deno.args));
  console.log("\nAll phases:");
  results.forEach(report);
  const sum = (key: "passed" | "failed") => results.reduce((total, result) => total + result[key], 0);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
  Deno.exit(sum("failed") === 0 ? 0 : 1);
}
