/** Holds a bundle to the map: which packages come with the start, and which only with their adapter. */
import { fits, isNamed } from "./import_rules.ts";
import { PACKAGES } from "./import_map.ts";

/** What esbuild says about a bundle, as far as it matters here. */
export interface Metafile {
  readonly outputs: Readonly<Record<string, Output>>;
}

interface Output {
  /** Path of the module that this is the chunk of; absent where it only holds what others share. */
  readonly entryPoint?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/** Packages that belong to one adapter: they cost up to 50 MB of memory each. */
const ADAPTER_PACKAGES = PACKAGES.filter(({ places }) =>
  places.every((path) => /^src\/(?:sources|sinks)\//.test(path))
);

/** @throws when a part would load the package of an adapter that it is not: an `import()` on the way is missing */
export function checkParts({ outputs }: Metafile): void {
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint === undefined) continue;
    for (const name of packagesOf(outputs, path)) {
      const entry = ADAPTER_PACKAGES.find((each) => isNamed(each.name, name));
      if (!entry || entry.places.some((place) => fits(place, entryPoint))) continue;
      throw new Error(`${entryPoint} would load ${name} with itself: an import() on the way to it is missing`);
    }
  }
}

/** Packages in a chunk and in all that it imports statically. */
function packagesOf(outputs: Metafile["outputs"], path: string): Set<string> {
  const seen = new Set([path]);
  for (const each of seen) {
    const imports = outputs[each]?.imports ?? [];
    for (const { path: next, kind } of imports) if (kind === "import-statement" && outputs[next]) seen.add(next);
  }
  const inputs = [...seen].flatMap((each) => Object.keys(outputs[each]?.inputs ?? {}));
  return new Set(inputs.flatMap((input) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []));
}
