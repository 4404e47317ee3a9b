/**
 * Bundles an entry with esbuild: one file per part that is loaded when it is asked for, so that a connector that reads
 * MQTT never parses OPC UA.
 */
import { cp } from "node:fs/promises";
import * as esbuild from "esbuild";
import { checkParts } from "./bundle_parts.ts";

const root = new URL("../", import.meta.url).pathname;

/** Where esbuild works: sources and packages side by side. */
const STAGE = `${root}dist/stage`;

/** CommonJS packages ask for Node's modules through this; esbuild leaves `require` undefined in modules. */
const REQUIRE =
  `import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);`;

/** Names that packages exist for as well: here they always mean Node's own. */
const NODE_MODULES = ["events", "fs", "fs/promises", "os", "path"] as const;

export interface BundleOptions {
  /** Path of the entry, below the project's root. */
  readonly entry: string;
  /** Directory to make, with `main.mjs` and its chunks. Whatever it held is deleted. */
  readonly outDir: string;
}

export interface Bundle {
  /** File names, in `outDir`, of what `main.mjs` loads. */
  readonly chunks: readonly string[];
}

/**
 * The same sources give the same chunks, byte for byte. One at a time: all of them work in dist/stage, because paths
 * become part of what esbuild writes.
 *
 * @throws when a package does not resolve, or would be loaded by another part than its own
 */
export async function bundle({ entry, outDir }: BundleOptions): Promise<Bundle> {
  await remove(outDir);
  await remove(STAGE);
  try {
    await stage(entry);
    const { metafile } = await esbuild.build(settings(entry, outDir));
    checkParts(metafile);
    const names = Object.keys(metafile.outputs).map((path) => path.slice(path.lastIndexOf("/") + 1));
    return { chunks: names.filter((name) => name !== "main.mjs") };
  } finally {
    await esbuild.stop();
    await remove(STAGE);
  }
}

function settings(entry: string, outDir: string) {
  return {
    absWorkingDir: STAGE,
    entryPoints: [{ in: entry, out: "main" }],
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "esnext",
    keepNames: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    metafile: true,
    logLevel: "silent",
    banner: { js: REQUIRE },
    // An optional lock of node-opcua's certificate store, loaded only by those who ask for locks across hosts.
    external: ["proper-lockfile"],
    alias: {
      // Its CommonJS half copies itself onto the global object, which a module does not have.
      tslib: `${STAGE}/node_modules/tslib/tslib.es6.mjs`,
      ...Object.fromEntries(NODE_MODULES.map((name) => [name, `node:${name}`])),
    },
  } as const satisfies esbuild.BuildOptions;
}

/**
 * Copies the sources and lays the packages beside them: esbuild finds packages in a node_modules directory only, and
 * takes our files for modules that import CommonJS as Node and Deno do only where a package.json says so.
 */
async function stage(entry: string): Promise<void> {
  await Deno.mkdir(STAGE, { recursive: true });
  for (const name of new Set(["deno.json", "deno.lock", "src", "routes", "islands", entry])) {
    await cp(root + name, `${STAGE}/${name}`, { recursive: true }).catch(ignoreMissing);
  }
  const args = ["install", "--quiet", "--frozen", "--node-modules-dir=auto"];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: STAGE }).output();
  if (!success) throw new Error(`Cannot install the packages of deno.lock:\n${new TextDecoder().decode(stderr)}`);
  await Deno.writeTextFile(`${STAGE}/package.json`, `{ "type": "module" }\n`);
}

function ignoreMissing(error: Error & { code?: string }): void {
  if (error.code !== "ENOENT") throw error;
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
