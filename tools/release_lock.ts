/** What deno.lock says of packages: which there are, and which of them the connector needs. */

/** Of deno.lock, version 5, as far as it matters here. */
export interface Lock {
  /** What is asked for, `npm:NAME@RANGE`, to the rest of the package's key behind `NAME@`. */
  readonly specifiers: Readonly<Record<string, string>>;
  /** By `NAME@VERSION`, with the versions of its peers behind `_`. */
  readonly npm: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  /** Subresource integrity: `sha512-` and base64. */
  readonly integrity: string;
  /** Each by its name, or by its key where there are several versions. */
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
}

/** One package in one version. */
export interface Package {
  readonly key: string;
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  /** Keys of the packages that it needs. */
  readonly needs: readonly string[];
  /** Whether the connector needs it, and not only tests and tools. */
  readonly isShipped: boolean;
}

/** All packages, by name and version. `roots`: names of those that the connector's own code imports. */
export function packagesOf(lock: Lock, roots: readonly string[]): readonly Package[] {
  const shipped = new Set<string>();
  const visit = (key: string) => {
    if (shipped.has(key)) return;
    shipped.add(key);
    needsOf(lock, key).forEach(visit);
  };
  for (const [specifier, rest] of Object.entries(lock.specifiers)) {
    const { name } = partsOf(specifier.replace(/^npm:/, ""));
    if (roots.includes(name)) visit(`${name}@${rest}`);
  }
  return Object.entries(lock.npm).map(([key, { integrity }]) => ({
    key,
    ...partsOf(key),
    integrity,
    needs: needsOf(lock, key),
    isShipped: shipped.has(key),
  }));
}

/** Optional ones are files for other systems, or what the executable does without. */
function needsOf({ npm }: Lock, key: string): readonly string[] {
  const keys = Object.keys(npm);
  return (npm[key]?.dependencies ?? []).flatMap((each) => {
    const found = npm[each] ? each : keys.find((other) => partsOf(other).name === each || other.startsWith(`${each}_`));
    return found === undefined ? [] : [found];
  });
}

/** `@scope/name@1.2.3_peer@4.5.6` is the package `@scope/name` in version 1.2.3. */
function partsOf(key: string): { name: string; version: string } {
  const at = key.indexOf("@", 1);
  return { name: key.slice(0, at), version: key.slice(at + 1).split("_")[0] ?? "" };
}
