/** The licences of the packages that are in the executable. */
import type { Package } from "./release_lock.ts";

const root = new URL("../", import.meta.url).pathname;

/** What a package says of its licence. */
export interface Licence {
  /** Of its package.json. */
  readonly name: string;
  /** Of the file that it comes with; empty where it comes with none. */
  readonly text: string;
}

/** The licence of each package, by its key. @throws when the packages of deno.lock cannot be laid out */
export async function licencesOf(packages: readonly Package[]): Promise<ReadonlyMap<string, Licence>> {
  const stage = await Deno.makeTempDir({ prefix: "licences_" });
  try {
    for (const name of ["deno.json", "deno.lock"]) await Deno.copyFile(root + name, `${stage}/${name}`);
    const args = ["install", "--quiet", "--frozen", "--node-modules-dir=auto"];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: stage }).output();
    if (!success) throw new Error(`Cannot lay out the packages of deno.lock: ${new TextDecoder().decode(stderr)}`);
    const found = packages.map((each) => [each.key, licenceAt(folderOf(stage, each))] as const);
    return new Map(found.flatMap(([key, licence]) => licence ? [[key, licence]] : []));
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

/** Where Deno lays a package: peers are not part of the folder's name where there is only one set of them. */
function folderOf(stage: string, { name, version }: Package): string {
  const folder = `${name}@${version}`.replaceAll("/", "+");
  return `${stage}/node_modules/.deno/${folder}/node_modules/${name}`;
}

/** Undefined for a package that is for another system, and so not there. */
function licenceAt(folder: string): Licence | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(`${folder}/package.json`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const { license, licenses } = JSON.parse(text);
  const file = [...Deno.readDirSync(folder)].map((each) => each.name).sort()
    .find((each) => /^(licen[cs]e|copying)([.-]|$)/i.test(each));
  return { name: nameOf(license ?? licenses), text: file ? Deno.readTextFileSync(`${folder}/${file}`).trim() : "" };
}

/** Old packages have an object, or a list of such. */
function nameOf(license: unknown): string {
  if (typeof license === "string") return license;
  if (Array.isArray(license)) return license.map(nameOf).join(" OR ");
  if (typeof license === "object" && license !== null && "type" in license) return String(license.type);
  return "not stated";
}

/** The list that goes with the executable: each licence's text once, below the packages that it is for. */
export function licenceList(packages: readonly Package[], licences: ReadonlyMap<string, Licence>): string {
  const byText = new Map<string, string[]>();
  for (const { key, name, version, isShipped } of packages) {
    if (!isShipped) continue;
    const { name: licence, text } = licences.get(key) ?? { name: "not stated", text: "" };
    const lines = byText.get(text) ?? [];
    byText.set(text, [...lines, `${name} ${version}: ${licence}`]);
  }
  const rule = "-".repeat(80);
  const parts = [...byText].map(([text, lines]) =>
    `${rule}\n${lines.join("\n")}\n\n${text || "(comes with no text)"}\n`
  );
  const head = "Packages that are part of iot-connector, with their licences. The runtime, Deno (MIT), holds V8 and\n" +
    "further parts with licences of their own, which its project lists.\n";
  return `${head}\n${parts.join("\n")}`;
}
