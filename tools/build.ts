/**
 * `deno task build [--target TARGET] [--output FILE]`: makes the executables dist/iot-connector and
 * dist/iot-connector-serial, which opens serial lines too. Their permissions are in them, and hold for the directory that
 * they are started in.
 */
import { parseArgs } from "node:util";
import { VERSION } from "../src/lib/version.ts";
import { bundle } from "./bundle.ts";
import { bundlePages } from "./bundle_pages.ts";
import { compile } from "./compile.ts";

const root = new URL("../", import.meta.url).pathname;

export interface BuildOptions {
  /** Path, below the project's root, of the module that it runs. */
  readonly entry: string;
  /** Absolute path of the executable. */
  readonly output: string;
  /** Where to put the same program with the permission to open serial lines. */
  readonly serialOutput?: string;
  readonly target?: string | undefined;
}

/** Makes the executables. What was at their paths is gone even when this fails. @throws saying what cannot be built */
export async function build({ entry, output, serialOutput, target }: BuildOptions): Promise<void> {
  const outputs = [output, serialOutput].filter((path) => path !== undefined);
  for (const path of outputs) {
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.remove(path).catch(() => {}); // the same path may hold nothing yet
  }
  const dir = `${root}dist/bundle-${output.slice(output.lastIndexOf("/") + 1)}`;
  const { chunks } = await bundle({ entry, outDir: dir });
  await bundlePages(`${dir}/pages`);
  for (const path of outputs) {
    await compile({ dir, parts: [...chunks, "pages"], output: path, target, isSerial: path === serialOutput });
  }
  await Deno.remove(dir, { recursive: true });
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}

/** What the words ask for. @throws saying what is wrong with them, or cannot be built */
async function main(words: string[]): Promise<void> {
  const { values } = parseArgs({ args: words, options: { target: { type: "string" }, output: { type: "string" } } });
  const output = absolute(values.output ?? `${root}dist/iot-connector`);
  const serialOutput = `${output}-serial`;
  await build({ entry: "main.ts", output, serialOutput, target: values.target });
  for (const path of [output, serialOutput]) {
    const megabytes = (await Deno.stat(path)).size / 1e6;
    const name = path === output ? "iot-connector" : "iot-connector-serial";
    console.log(`${name} ${VERSION}, ${values.target ?? Deno.build.target}: ${path}, ${megabytes.toFixed(1)} MB`);
  }
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
