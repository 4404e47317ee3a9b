/** The archive of a release for one processor: everything that install.sh takes, and its sums. */
import { createHash } from "node:crypto";
import { RELEASED_S, settleTimes } from "./release_times.ts";

const root = new URL("../", import.meta.url).pathname;

/** What goes in as it stands in the project, and its mode. */
const FILES: readonly (readonly [from: string, mode: number])[] = [
  ["packaging/install.sh", 0o755],
  ["packaging/systemd/iot-connector.service", 0o644],
  ["packaging/systemd/serial.conf", 0o644],
  ["packaging/systemd/credentials.conf.example", 0o644],
  ["packaging/container/Containerfile", 0o644],
  ["packaging/container/rootfs.sh", 0o755],
  ["packaging/container/compose.yaml", 0o644],
  ["packaging/kubernetes/iot-connector.yaml", 0o644],
  ["docs/deployment.md", 0o644],
  ["LICENSE", 0o644],
];

export interface StageOptions {
  /** Directory to make. Whatever it held is deleted. */
  readonly dir: string;
  /** Absolute paths of executables; each keeps its name. */
  readonly executables: readonly string[];
  /** Further files, by name. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Lays out the files of an archive, with SHA256SUMS over them. */
export async function stageRelease({ dir, executables, texts }: StageOptions): Promise<void> {
  await Deno.remove(dir, { recursive: true }).catch(ignoreMissing);
  await Deno.mkdir(dir, { recursive: true });
  const files = [
    ...FILES.map(([from, mode]) => [root + from, mode] as const),
    ...executables.map((from) => [from, 0o755] as const),
  ];
  for (const [from, mode] of files) {
    const to = `${dir}/${nameOf(from)}`;
    await Deno.copyFile(from, to);
    await Deno.chmod(to, mode);
  }
  for (const [name, text] of Object.entries(texts)) await Deno.writeTextFile(`${dir}/${name}`, text, { mode: 0o644 });
  await Deno.writeTextFile(`${dir}/SHA256SUMS`, await sumsOf(dir), { mode: 0o644 });
  await settleTimes(dir);
}

/** The SHA-256 of each file of a directory, as sha256sum(1) writes and checks them. */
export async function sumsOf(dir: string): Promise<string> {
  const names = [...Deno.readDirSync(dir)].filter(({ isFile }) => isFile).map(({ name }) => name).sort();
  const lines = names.map(async (name) => `${await sha256(`${dir}/${name}`)}  ${name}\n`);
  return (await Promise.all(lines)).join("");
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const bytes of file.readable) hash.update(bytes);
  return hash.digest("hex");
}

/** Makes `<dir>.tar.gz` of a directory: the same bytes of the same files. @throws when tar or gzip fail */
export async function packRelease(dir: string): Promise<string> {
  const [parent, name] = [dir.slice(0, dir.lastIndexOf("/")), nameOf(dir)];
  const order = [
    "--sort=name",
    `--mtime=@${RELEASED_S}`,
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--format=ustar",
  ];
  const args = ["--create", "--file", `${name}.tar`, ...order, name];
  await run("tar", args, parent);
  await run("gzip", ["--no-name", "--force", "-6", `${name}.tar`], parent);
  return `${dir}.tar.gz`;
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args], cwd }).output();
  if (!success) throw new Error(`Cannot pack the release: ${command}: ${new TextDecoder().decode(stderr)}`);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
