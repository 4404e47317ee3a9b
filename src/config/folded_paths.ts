/**
 * Paths as one text of at most so many characters: where all of them are too many, those that lie deepest are told by what
 * they lie in and how many they are, so that none goes without a mention.
 */
export function foldedPaths(paths: readonly string[], maxChars: number): string {
  let counts = new Map(paths.map((path) => [path, 1]));
  for (let text = textOf(counts);; text = textOf(counts)) {
    const deepest = Math.max(...[...counts.keys()].map(depthOf));
    if (text.length <= maxChars || deepest <= 1) return text;
    counts = folded(counts, deepest);
  }
}

function folded(counts: ReadonlyMap<string, number>, depth: number): Map<string, number> {
  const fewer = new Map<string, number>();
  for (const [path, count] of counts) {
    const name = depthOf(path) < depth ? path : path.slice(0, path.search(/(\.[^.[\]]*|\[[^[\]]*\])$/));
    fewer.set(name, (fewer.get(name) ?? 0) + count);
  }
  return fewer;
}

/** `gui.port` and `sources[hall]` lie two deep. */
function depthOf(path: string): number {
  return path.split(/[.[]/).length;
}

function textOf(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([path, count]) => count === 1 ? path : `${path} (${count} of it)`).join(", ");
}
