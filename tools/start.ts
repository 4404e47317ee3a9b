/**
 * `deno task start --home DIR [words]`: the connector from source, with the permissions of the executable for DIR.
 * Words are those of the command line; none means `run`. Ends with the connector's exit code.
 *
 * No package needs a permission to be read: Deno loads modules of its npm cache, and of node_modules, by itself. A
 * library that reads a data file of its own package by name would be refused, here as in the executable.
 */
import { parseArgs } from "node:util";
import { bundlePages, PAGES_DIR } from "./bundle_pages.ts";
import { permissionFlags, VISIBLE_VARIABLES } from "./permissions.ts";
import { V8_FLAGS } from "./v8_flags.ts";

const root = new URL("../", import.meta.url);

/** What `deno run` is to be called with. @throws {TypeError} saying what is wrong with the words */
export function startCommand(words: readonly string[], options: { readonly isWatched: boolean }): string[] {
  const home = Deno.realPathSync(existingHome(words));
  const watch = options.isWatched ? ["--watch"] : [];
  const config = ["--config", path("deno.json"), "--frozen"];
  return ["run", ...config, ...watch, V8_FLAGS, ...flagsFor(home), path("main.ts"), ...withHome(words, home)];
}

/** The executable's, and the files of the pages, which the executable has in it. */
function flagsFor(home: string): string[] {
  return permissionFlags(home).map((flag) => flag.startsWith("--allow-read=") ? `${flag},${PAGES_DIR}` : flag);
}

/** What Deno itself needs to find its cache, and to know the terminal. */
const DENO_VARIABLES = ["PATH", "HOME", "XDG_CACHE_HOME", "DENO_DIR", "NO_COLOR", "TERM"];

/**
 * The connector's environment. Deno obeys many variables whatever a program may see of them: some send requests through
 * a proxy, write keys of TLS sessions, or trust other authorities.
 */
export function startEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const isWanted = (name: string) =>
    [...VISIBLE_VARIABLES, ...DENO_VARIABLES].some((each) =>
      each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : name === each
    );
  const kept = Object.entries(env).filter(([name]) => isWanted(name));
  return { ...Object.fromEntries(kept), DENO_NO_UPDATE_CHECK: "1" }; // else Deno asks a server for its newest version
}

/** In an environment that may name a proxy, which the connector's does not. Where it fails, the start says why. */
async function loadPackages(): Promise<void> {
  const args = ["cache", "--quiet", "--config", path("deno.json"), "--frozen", path("main.ts")];
  await new Deno.Command(Deno.execPath(), { args, stdin: "null", stderr: "null" }).output();
}

function existingHome(words: readonly string[]): string {
  const { values } = parseArgs({ args: [...words], options: { home: { type: "string" } }, strict: false });
  const { home } = values;
  if (typeof home !== "string" || home === "") {
    throw new TypeError("Say which directory holds the configuration and all data: --home DIR");
  }
  const stat = statOf(home);
  if (stat?.isDirectory) return home;
  if (stat) throw new TypeError(`The home directory ${home} is not a directory.`);
  throw new TypeError(
    `The home directory ${home} does not exist. Make it, with its config/connector.yaml, and try again.`,
  );
}

function statOf(home: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(home);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The permission list and the program must mean the same directory, so the words get its real path. */
function withHome(words: readonly string[], home: string): string[] {
  const given = words.findIndex((word) => word === "--home" || word.startsWith("--home="));
  const rest = words.toSpliced(given, words[given] === "--home" ? 2 : 1);
  return [...rest, "--home", home];
}

/** Runs the connector until it ends by itself or by a signal, which it is told. Resolves with its exit code. */
async function start(words: readonly string[]): Promise<number> {
  const isWatched = words[0] === "--watch";
  const args = startCommand(isWatched ? words.slice(1) : words, { isWatched });
  await loadPackages();
  await bundlePages();
  const env = startEnvironment(Deno.env.toObject());
  const child = new Deno.Command(Deno.execPath(), { args, env, clearEnv: true, stdin: "inherit" }).spawn();
  // A terminal sends SIGINT to the whole group: the child has it already, and a second one would mean "at once".
  const forward = {
    SIGTERM: () => child.kill("SIGTERM"),
    SIGINT: () => Deno.stdin.isTerminal() || child.kill("SIGINT"),
  };
  for (const [signal, listener] of Object.entries(forward)) Deno.addSignalListener(signal as Deno.Signal, listener);
  const { code } = await child.status;
  for (const [signal, listener] of Object.entries(forward)) Deno.removeSignalListener(signal as Deno.Signal, listener);
  return code;
}

function path(name: string): string {
  return new URL(name, root).pathname;
}

if (import.meta.main) {
  try {
    Deno.exit(await start(Deno.args));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    Deno.exit(64);
  }
}
