/** Files that pages load, made by `tools/bundle_pages.ts` and embedded in the executable. */

/** Beside the bundled program, and where `deno task start` has them made. */
const FOLDERS = [new URL("./pages/", import.meta.url), new URL("../../../dist/pages/", import.meta.url)];

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
};

/** File names by what they are for. */
export interface AssetNames {
  readonly script: string;
  readonly style: string;
  readonly icon: string;
  readonly schema: string;
}

export interface PageAssets {
  readonly names: AssetNames;
  /** The file of that name, or undefined: names come from browsers, and are looked up among those there are. */
  answer(name: string, acceptEncoding: string): Response | undefined;
}

/** Reads them all into memory; undefined where they were not made. */
export function readAssets(): PageAssets | undefined {
  const folder = FOLDERS.find((each) => textOf(new URL("manifest.json", each)) !== undefined);
  if (!folder) return undefined;
  const names: AssetNames = JSON.parse(Deno.readTextFileSync(new URL("manifest.json", folder)));
  const files = new Map(
    [...Deno.readDirSync(folder)].map(({ name }) => [name, Deno.readFileSync(new URL(name, folder))]),
  );
  return { names, answer: (name, accepted) => answer(files, name, accepted) };
}

function answer(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  name: string,
  acceptEncoding: string,
): Response | undefined {
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)];
  const plain = files.get(name);
  if (!type || !plain) return undefined;
  const packed = /\bgzip\b/.test(acceptEncoding) ? files.get(`${name}.gz`) : undefined;
  return new Response(packed ?? plain, {
    headers: {
      "content-type": type,
      // The name changes with the content; manifest.json is read here alone.
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "vary": "accept-encoding",
      ...(packed ? { "content-encoding": "gzip" } : {}),
    },
  });
}

function textOf(url: URL): string | undefined {
  try {
    return Deno.readTextFileSync(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
