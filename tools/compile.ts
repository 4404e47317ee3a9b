/** Makes an executable of a bundle. */
import { type Edition, permissionFlags } from "./permissions.ts";
import { settleTimes } from "./release_times.ts";
import { V8_FLAGS } from "./v8_flags.ts";
import project from "../deno.json" with { type: "json" };

/** Processors that the connector is built for, and their numbers in an ELF header (e_machine). */
const TARGETS: Readonly<Record<string, number>> = {
  "x86_64-unknown-linux-gnu": 62,
  "aarch64-unknown-linux-gnu": 183,
};

export interface CompileOptions extends Edition {
  /** Directory of `main.mjs` and its chunks. */
  readonly dir: string;
  /** What of it goes into the executable: chunks, and the folder of the pages' files. */
  readonly parts: readonly string[];
  /** Absolute path of the executable. */
  readonly output: string;
  /** One of Deno's names for a target; undefined means this machine's. */
  readonly target: string | undefined;
}

/**
 * Deno downloads the base runtime for the target, or takes the file that the variable DENORT_BIN names. The same bundle
 * gives the same executable, byte for byte.
 * @throws {TypeError} for a target that the connector is not built for
 */
export async function compile(options: CompileOptions): Promise<void> {
  const { dir, parts, output, isSerial, target = Deno.build.target } = options;
  const machine = TARGETS[target];
  if (machine === undefined) {
    throw new TypeError(`There is no executable for ${target}, only for ${Object.keys(TARGETS).join(" and ")}.`);
  }
  const args = [
    "compile",
    "--quiet",
    "--no-config",
    "--no-check",
    // The cache would be /tmp/deno-compile-NAME.cache, a file that any local user could put code into.
    "--no-code-cache",
    ...project.unstable.map((name) => `--unstable-${name}`),
    V8_FLAGS,
    ...permissionFlags(".", { isSerial }),
    ...parts.flatMap((part) => ["--include", part]),
    "--target",
    target,
    "--output",
    output,
    "main.mjs",
  ];
  await settleTimes(dir);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: dir }).output();
  if (!success) throw new Error(`Cannot compile:\n${new TextDecoder().decode(stderr)}${hint()}`);
  const made = await machineOf(output);
  if (made === machine) return;
  await Deno.remove(output);
  throw new Error(`The file in DENORT_BIN is not a base runtime for ${target} (its ELF machine is ${made})`);
}

function hint(): string {
  if (Deno.env.has("DENORT_BIN")) return "";
  return "\nWhere the base runtime cannot be downloaded, let DENORT_BIN name a local copy of it (denort).";
}

/** ELF, System V ABI: e_machine is the 16-bit number at byte 18. */
async function machineOf(path: string): Promise<number> {
  using file = await Deno.open(path);
  const header = new Uint8Array(20);
  await file.read(header);
  return new DataView(header.buffer).getUint16(18, true);
}
