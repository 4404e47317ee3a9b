/**
 * `deno task build [--target TARGET] [--output FILE]`: makes the executable, dist/iot-connector. Its permissions are
 * in it, and hold for the directory that it is started in.
 */
import { parseArgs } from "node:util";
import { VERSION } from "../src/lib/version.ts";
import { bundle } from "./bundle.ts";
import { compile } from "./compile.ts";

const root = new URL("../", import.meta.url).pathname;

export interface BuildOptions {
  /** Path, below the project's root, of the module that it runs. */
  readonly entry: string;
  /** Absolute path of the executable. */
  readonly output: string;
  readonly target?: string | undefined;
}

/** Makes an executable. What was at `output` is gone even when this fails. @throws saying what cannot be built */
export async function build({ entry, output, target }: BuildOptions): Promise<void> {
  await Deno.mkdir(output.slice(0, output.lastIndexOf("/")), { recursive: true });
  await Deno.remove(output).catch(() => {}); // the same path may hold nothing yet
  const dir = `${root}dist/bundle-${output.slice(output.lastIndexOf("/") + 1)}`;
  const { chunks } = await bundle({ entry, outDir: dir });
  await compile({ dir, chunks, output, target });
  await Deno.remove(dir, { recursive: true });
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}

/** What the words ask for. @throws saying what is wrong with them, or cannot be built */
async function main(words: string[]): Promise<void> {
  const { values } = parseArgs({ args: words, options: { target: { type: "string" }, output: { type: "string" } } });
  const output = absolute(values.output ?? `${root}dist/iot-connector`);
  await build({ entry: "main.ts", output, target: values.target });
  const megabytes = (await Deno.stat(output)).size / 1e6;
  console.log(`iot-connector ${VERSION}, ${values.target ?? Deno.build.target}: ${output}, ${megabytes.toFixed(1)} MB`);
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
