/**
 * Bundles an entry with esbuild: one file per part that is loaded when it is asked for, so that a connector that reads
 * MQTT never parses OPC UA.
 */
import * as esbuild from "esbuild";

const root = new URL("../", import.meta.url).pathname;
const MAIN = "main.mjs";
const PACKAGES = `${root}dist/packages`;

/** Packages that only their adapter may load: they cost tens of MB of memory each. */
const LOADED_LATE = ["@grpc/grpc-js", "mqtt", "node-opcua-client"] as const;

/** CommonJS packages ask for Node's modules through this; esbuild leaves `require` undefined in modules. */
const REQUIRE =
  `import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);`;

/** Names that packages exist for as well: here they always mean Node's own. */
const NODE_MODULES = ["events", "fs", "fs/promises", "os", "path"] as const;

export interface BundleOptions {
  /** Absolute path of the entry. */
  readonly entry: string;
  /** Directory to make, with `main.mjs` and its chunks. Whatever it held is deleted. */
  readonly outDir: string;
}

export interface Bundle {
  /** File names, in `outDir`, of what `main.mjs` loads. */
  readonly chunks: readonly string[];
}

/**
 * The same sources give the same chunks, byte for byte. One at a time: the packages lie in dist/packages meanwhile,
 * because their paths become part of what esbuild writes.
 *
 * @throws when a package does not resolve, or one of `LOADED_LATE` would be loaded at start
 */
export async function bundle({ entry, outDir }: BundleOptions): Promise<Bundle> {
  await Deno.remove(outDir, { recursive: true }).catch(ignoreNotFound);
  const packages = await installPackages();
  try {
    const { metafile } = await esbuild.build(settings(entry, outDir, packages));
    await esbuild.stop();
    const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [nameOf(path), output]));
    checkStart(outputs);
    return { chunks: [...outputs.keys()].filter((name) => name !== MAIN) };
  } finally {
    await Deno.remove(PACKAGES, { recursive: true });
  }
}

function settings(entry: string, outDir: string, packages: string) {
  return {
    absWorkingDir: root,
    entryPoints: [{ in: entry, out: "main" }],
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    chunkNames: "[name]-[hash]",
    nodePaths: [packages],
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "esnext",
    keepNames: true,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    metafile: true,
    logLevel: "error",
    banner: { js: REQUIRE },
    // An optional lock of node-opcua's certificate store, loaded only by those who ask for locks across hosts.
    external: ["proper-lockfile"],
    alias: {
      // Its CommonJS half copies itself onto the global object, which a module does not have.
      tslib: `${packages}/tslib/tslib.es6.mjs`,
      ...Object.fromEntries(NODE_MODULES.map((name) => [name, `node:${name}`])),
    },
  } as const satisfies esbuild.BuildOptions;
}

/** esbuild finds packages in a node_modules directory only, and Deno keeps its own elsewhere. */
async function installPackages(): Promise<string> {
  await Deno.mkdir(PACKAGES, { recursive: true });
  for (const name of ["deno.json", "deno.lock"]) await Deno.copyFile(root + name, `${PACKAGES}/${name}`);
  const args = ["install", "--quiet", "--frozen", "--node-modules-dir=auto"];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: PACKAGES }).output();
  if (!success) throw new Error(`Cannot install the packages of deno.lock:\n${new TextDecoder().decode(stderr)}`);
  return `${PACKAGES}/node_modules`;
}

type Output = esbuild.Metafile["outputs"][string];

/** @throws when `main.mjs`, or a chunk that it imports statically, holds a package that an adapter should load */
function checkStart(outputs: ReadonlyMap<string, Output>): void {
  const inputs = [...staticChunks(outputs)].flatMap((name) => Object.keys(outputs.get(name)?.inputs ?? {}));
  for (const name of LOADED_LATE) {
    const early = inputs.some((input) => input.includes(`/node_modules/${name}/`));
    if (early) throw new Error(`${name} would be loaded at every start: an import() on the way to it is missing`);
  }
}

function staticChunks(outputs: ReadonlyMap<string, Output>): Set<string> {
  const seen = new Set([MAIN]);
  for (const name of seen) {
    const imports = outputs.get(name)?.imports ?? [];
    for (const { path, kind } of imports) {
      if (kind === "import-statement" && outputs.has(nameOf(path))) seen.add(nameOf(path));
    }
  }
  return seen;
}

/** Chunks all lie in one directory. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
