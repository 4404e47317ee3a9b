/**
 * Makes what browsers load: the islands as one script and what it loads later, the style, the icon and the JSON Schema
 * of the configuration. A name holds the hash of its content, so that browsers may keep a file for good.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const root = new URL("../", import.meta.url).pathname;

/** Where the connector finds them when it runs from source. */
export const PAGES_DIR = `${root}dist/pages`;

/** Files that are not made by the bundler: their place in the project, by the role they have on a page. */
const STATIC = {
  icon: "static/icon.svg",
  schema: "docs/configuration.schema.json",
} as const;

/** What the one style file is made of, in the order of the names. */
const STYLES = "static/css";

/** File names by role; `manifest.json` of the folder. */
export type PagesManifest = Readonly<Record<"script" | "style" | keyof typeof STATIC, string>>;

/** @throws with the bundler's words when an island cannot be bundled */
export async function bundlePages(outDir: string = PAGES_DIR): Promise<PagesManifest> {
  const made = await Deno.makeTempDir({ prefix: "pages_" });
  try {
    await bundleIslands(made);
    return await publish(made, outDir);
  } finally {
    await Deno.remove(made, { recursive: true });
  }
}

/** By the bundler that is part of Deno: nothing of it gets into the executable. */
async function bundleIslands(outDir: string): Promise<void> {
  const flags = ["--quiet", "--platform=browser", "--minify", "--code-splitting", `--outdir=${outDir}`];
  const args = ["bundle", "--config", `${root}deno.json`, "--frozen", ...flags, `${root}islands/main.ts`];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  if (!success) throw new Error(`Cannot bundle the islands:\n${new TextDecoder().decode(stderr)}`);
}

async function publish(made: string, outDir: string): Promise<PagesManifest> {
  await Deno.remove(outDir, { recursive: true }).catch(() => {/* there was none */});
  await Deno.mkdir(outDir, { recursive: true });
  let script = "";
  for (const { name } of Deno.readDirSync(made)) {
    const bytes = await Deno.readFile(`${made}/${name}`);
    const isEntry = name === "main.js"; // the bundler gives hashes to the rest
    const published = isEntry ? hashed(name, bytes) : name;
    if (isEntry) script = published;
    await writeBoth(`${outDir}/${published}`, bytes);
  }
  const style = new TextEncoder().encode(readStyles());
  const named: Record<string, string> = { script, style: hashed("app.css", style) };
  await writeBoth(`${outDir}/${named.style}`, style);
  for (const [role, path] of Object.entries(STATIC)) {
    const bytes = await Deno.readFile(root + path);
    named[role] = hashed(path.slice(path.lastIndexOf("/") + 1), bytes);
    await writeBoth(`${outDir}/${named[role]}`, bytes);
  }
  await Deno.writeTextFile(`${outDir}/manifest.json`, JSON.stringify(named));
  return named as PagesManifest; // every role of STATIC was filled in
}

function readStyles(): string {
  const names = [...Deno.readDirSync(root + STYLES)].map(({ name }) => name).sort();
  return names.map((name) => Deno.readTextFileSync(`${root}${STYLES}/${name}`)).join("");
}

/** As it is, and compressed. */
async function writeBoth(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.writeFile(path, bytes);
  await Deno.writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

function hashed(name: string, bytes: Uint8Array): string {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const dot = name.lastIndexOf(".");
  return `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
}

if (import.meta.main) console.log(await bundlePages());
