/** What a connector loads when it is first asked for, and not when it starts: it is there for small hosts too. */
import assert from "node:assert/strict";

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    /** Absent for an import of types alone. */
    readonly code?: { readonly specifier?: string };
  }[];
}

const ROOT = new URL("../", import.meta.url);
const LATE = ["routes/mod.ts", "islands/monitoring.tsx", "src/web/api/api.ts"];

Deno.test("Pages and API are not among the modules that a connector loads at its start", async () => {
  const options = { args: ["info", "--json", "main.ts"], cwd: ROOT };
  const { stdout } = await new Deno.Command(Deno.execPath(), options).output();
  const modules: readonly Module[] = JSON.parse(new TextDecoder().decode(stdout)).modules;
  const loaded = loadedWith(new URL("main.ts", ROOT).href, modules);
  assert.ok(loaded.has(new URL("src/web/web_app.ts", ROOT).href), "the graph is read");
  assert.deepEqual(LATE.filter((path) => loaded.has(new URL(path, ROOT).href)), []);
});

/** All that is loaded with a module, whatever happens. */
function loadedWith(first: string, modules: readonly Module[]): Set<string> {
  const known = new Map(modules.map((each) => [each.specifier, each]));
  const loaded = new Set([first]);
  for (const specifier of loaded) {
    for (const { isDynamic, code } of known.get(specifier)?.dependencies ?? []) {
      if (!isDynamic && code?.specifier !== undefined) loaded.add(code.specifier);
    }
  }
  return loaded;
}
