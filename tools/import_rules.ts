/** Holds imports against the map. */
import type { Import } from "./import_graph.ts";
import { PACKAGES, type Place, PLACES } from "./import_map.ts";

/** What is wrong with the imports, one sentence each, beginning with file and line. None: an empty list. */
export function importFaults(imports: readonly Import[]): readonly string[] {
  return [...imports.flatMap(faultOf), ...cycles(imports)];
}

function faultOf(each: Import): string[] {
  const { from, line, to } = each;
  const place = placeOf(from);
  if (!place) return [`${from}: lies in no place of tools/import_map.ts`];
  const why = to.kind === "file" ? fileFault(from, place, to.path) : packageFault(from, place, to.name);
  return why ? [`${from}:${line}: ${why}`] : [];
}

function fileFault(from: string, place: Place, to: string): string | undefined {
  if (isTest(to) && !isFree(place)) return `imports ${to}, and nothing imports tests but tests and tools`;
  if (to.endsWith("_test.ts")) return `imports ${to}, and nothing imports a test`;
  if (fits(ownPath(place, from), to) || place.mayImport.some((path) => fits(path, to))) return undefined;
  const target = placeOf(to);
  const arrow = `${ownPath(place, from)} → ${target ? ownPath(target, to) : to}`;
  return `imports ${to}, and ${arrow} is not on the map; ${place.path} may import ${list(place.mayImport)}`;
}

function packageFault(from: string, place: Place, name: string): string | undefined {
  if (isFree(place)) return undefined;
  const entry = PACKAGES.find((each) => isNamed(each.name, name));
  if (!entry) return `imports the package ${name}, which has no folder yet: say in tools/import_map.ts who may`;
  if (entry.places.some((path) => fits(path, from))) return undefined;
  return `imports the package ${name}, which only ${list(entry.places)} may`;
}

/** The place of a file; tests beside the code count as tests. */
function placeOf(file: string): Place | undefined {
  if (isTest(file)) return PLACES.find(({ path }) => path === "tests");
  return PLACES.filter(({ path }) => fits(path, file)).sort((a, b) => precision(b.path) - precision(a.path))[0];
}

function isTest(file: string): boolean {
  return file.startsWith("tests/") || file.endsWith("_test.ts");
}

/** May import whatever it likes. */
function isFree({ mayImport }: Place): boolean {
  return mayImport.includes("");
}

/** Whether a file is what a path of the map names, or lies in it. */
export function fits(path: string, file: string): boolean {
  if (path === "") return true;
  const names = file.split("/");
  return path.split("/").every((name, index) => name === names[index] || (name === "*" && index < names.length));
}

/** More names are more precise, and a name is more precise than `*`. */
function precision(path: string): number {
  return path.split("/").reduce((sum, name) => sum + (name === "*" ? 1 : 2), 0);
}

/** The path of a place with its `*` filled in from one of its files: `src/sources/*` becomes `src/sources/mqtt`. */
function ownPath({ path }: Place, file: string): string {
  const names = file.split("/");
  return path.split("/").map((name, index) => name === "*" ? names[index] : name).join("/");
}

/** Whether a package is what a name of the map stands for. */
export function isNamed(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function list(paths: readonly string[]): string {
  return paths.length === 0 ? "nothing" : paths.join(", ");
}

/** Rings of static imports, each told once. A dynamic import is a door that opens later, and closes no ring. */
function cycles(imports: readonly Import[]): string[] {
  const next = staticImports(imports);
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) found.push(`${file}: imports itself: ${[...trail.slice(start), file].join(" → ")}`);
    if (start >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) walk(to, [...trail, file]);
    done.add(file);
  };
  for (const file of next.keys()) walk(file, []);
  return found;
}

function staticImports(imports: readonly Import[]): Map<string, string[]> {
  const next = new Map<string, string[]>();
  for (const { from, to, isDynamic } of imports) {
    if (isDynamic || to.kind !== "file") continue;
    next.set(from, [...(next.get(from) ?? []), to.path]);
  }
  return next;
}
