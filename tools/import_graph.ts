/** Reads who imports whom in the project, as Deno itself resolves it. */

/** One import of a file of the project: static, dynamic, `import type` or a re-export. */
export interface Import {
  /** Path below the project's root. */
  readonly from: string;
  /** Counted from 1. */
  readonly line: number;
  readonly to: { readonly kind: "file"; readonly path: string } | { readonly kind: "package"; readonly name: string };
  readonly isDynamic: boolean;
}

/** What `deno info --json` says, as far as it matters here. */
interface Info {
  readonly modules: readonly { readonly specifier: string; readonly dependencies?: readonly Dependency[] }[];
}

interface Dependency {
  readonly code?: Resolution;
  readonly type?: Resolution;
  readonly isDynamic?: boolean;
}

interface Resolution {
  readonly specifier?: string;
  readonly span: { readonly start: { readonly line: number } };
}

/** Every import of the modules in `folders` and of `main.ts`, below `root` (a file URL that ends in a slash). */
export async function readImports(root: URL, folders: readonly string[]): Promise<readonly Import[]> {
  const files = [
    ...(isThere(new URL("main.ts", root)) ? ["main.ts"] : []),
    ...folders.flatMap((f) => modulesIn(root, f)),
  ];
  const info = await describe(root, files);
  return info.modules
    .filter(({ specifier }) => specifier.startsWith(root.href))
    .flatMap(({ specifier, dependencies = [] }) =>
      dependencies.flatMap((dependency) => importOf(root, specifier.slice(root.href.length), dependency))
    );
}

function importOf(root: URL, from: string, { code, type, isDynamic = false }: Dependency): Import[] {
  const resolution = code?.specifier ? code : type;
  if (!resolution?.specifier) return []; // `deno check` speaks of what does not resolve
  const to = targetOf(root, resolution.specifier);
  return to ? [{ from, line: resolution.span.start.line + 1, to, isDynamic }] : [];
}

function targetOf(root: URL, specifier: string): Import["to"] | undefined {
  if (specifier.startsWith(root.href)) return { kind: "file", path: specifier.slice(root.href.length) };
  const name = specifier.match(/^npm:\/?((?:@[^/]+\/)?[^@/]+)/)?.[1];
  return name === undefined ? undefined : { kind: "package", name };
}

/** Asks Deno about all files at once, with a module that imports each of them. */
async function describe(root: URL, files: readonly string[]): Promise<Info> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(entry, files.map((file) => `import "${new URL(file, root)}";\n`).join(""));
    const args = ["info", "--json", "--config", new URL("deno.json", root).pathname, entry];
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    if (!success) throw new Error(`Cannot read the imports: ${new TextDecoder().decode(stderr)}`);
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(entry);
  }
}

function modulesIn(root: URL, folder: string): string[] {
  const dir = new URL(`${folder}/`, root);
  if (!isThere(dir)) return [];
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return modulesIn(root, `${folder}/${name}`);
    return /\.tsx?$/.test(name) ? [`${folder}/${name}`] : [];
  });
}

function isThere(url: URL): boolean {
  try {
    Deno.statSync(url);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
