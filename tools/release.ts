/**
 * `deno task release [--target TARGET]… [--sign KEY.pem] [--output DIR]`: for each processor an archive with both
 * executables and all that installs them; the licences, a bill of materials, sums over all of it and, with a key, a
 * signature over the sums. Ends with 1 when something could not be built, which the last lines name.
 */
import { parseArgs } from "node:util";
import { VERSION } from "../src/lib/version.ts";
import { build } from "./build.ts";
import { readImports } from "./import_graph.ts";
import { packRelease, stageRelease, sumsOf } from "./release_archive.ts";
import { licenceList, licencesOf } from "./release_licences.ts";
import { type Lock, packagesOf } from "./release_lock.ts";
import { sbomOf } from "./release_sbom.ts";
import { publicKeyOf, signatureOf, signingKey } from "./release_signature.ts";
import { RELEASED_S } from "./release_times.ts";

const root = new URL("../", import.meta.url);
const TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];
/** Folders whose code is in the executable. */
const SHIPPED = ["src", "routes", "islands"];

/** The texts that every archive has, by file name. @throws when the packages cannot be looked at */
export async function releaseTexts(): Promise<Readonly<Record<string, string>>> {
  // What `deno task ok` keeps frozen: a lock of the form that `Lock` describes.
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", root))) as Lock;
  const imports = await readImports(root, SHIPPED);
  const isShipped = (from: string) => SHIPPED.some((each) => from.startsWith(`${each}/`)) && !/_test\.tsx?$/.test(from);
  const roots = imports.flatMap(({ from, to }) => to.kind === "package" && isShipped(from) ? [to.name] : []);
  const packages = packagesOf(lock, roots);
  const licences = await licencesOf(packages);
  const names = new Map([...licences].map(([key, { name }]) => [key, name]));
  const sbom = sbomOf({
    version: VERSION,
    denoVersion: Deno.version.deno,
    packages,
    licences: names,
    releasedS: RELEASED_S,
  });
  return {
    "LICENCES.txt": licenceList(packages, licences),
    "sbom.cdx.json": `${JSON.stringify(sbom, null, 2)}\n`,
  };
}

interface Release {
  /** Absolute path. */
  readonly output: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** @throws saying why there is no executable for this target */
async function releaseFor(target: string, { output, texts }: Release): Promise<string> {
  const dir = `${output}/iot-connector-${VERSION}-linux-${target.split("-")[0]}`;
  const made = `${output}/.executables`;
  const executable = `${made}/iot-connector`;
  const serialOutput = `${executable}-serial`;
  try {
    await build({ entry: "main.ts", output: executable, serialOutput, target });
    await stageRelease({ dir, executables: [executable, serialOutput], texts });
    return await packRelease(dir);
  } finally {
    for (const path of [made, dir]) await Deno.remove(path, { recursive: true }).catch(() => {/* it was not made */});
  }
}

/** The sums over everything in the directory, and a signature over them. */
async function seal(output: string, keyFile: string | undefined): Promise<void> {
  const key = keyFile === undefined ? undefined : signingKey(await Deno.readTextFile(keyFile));
  if (key) await Deno.writeTextFile(`${output}/release.pub`, publicKeyOf(key));
  const sums = await sumsOf(output);
  await Deno.writeTextFile(`${output}/SHA256SUMS`, sums);
  if (key) await Deno.writeFile(`${output}/SHA256SUMS.sig`, signatureOf(new TextEncoder().encode(sums), key));
}

/** Resolves with why what could not be built was not, by target. */
async function main(words: string[]): Promise<ReadonlyMap<string, string>> {
  const options = {
    target: { type: "string", multiple: true },
    sign: { type: "string" },
    output: { type: "string" },
  } as const;
  const { values } = parseArgs({ args: words, options });
  const output = new URL(values.output ?? "dist/release", `file://${Deno.cwd()}/`).pathname;
  await Deno.remove(output, { recursive: true }).catch(() => {/* there was none */});
  await Deno.mkdir(output, { recursive: true });
  const texts = await releaseTexts();
  const failed = new Map<string, string>();
  for (const target of values.target ?? TARGETS) {
    try {
      console.log(`made ${await releaseFor(target, { output, texts })}`);
    } catch (error) {
      failed.set(target, error instanceof Error ? error.message : String(error));
    }
  }
  for (const [name, text] of Object.entries(texts)) await Deno.writeTextFile(`${output}/${name}`, text);
  await seal(output, values.sign);
  console.log(`made ${output}/SHA256SUMS${values.sign ? ", signed" : "; not signed: --sign KEY.pem does that"}`);
  return failed;
}

if (import.meta.main) {
  const failed = await main(Deno.args);
  for (const [target, why] of failed) console.error(`Not built for ${target}: ${why}`);
  Deno.exit(failed.size === 0 ? 0 : 1);
}
