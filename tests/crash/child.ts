/**
 * The connector of a home directory with two sources more than its configuration has, see numbered_source.ts: one whose
 * rows go where MQTT's go, one with a table of its own. Prints `begun` before it opens anything, `opened {…}` with its
 * ledger and identity, `accepted {…}` with the highest accepted number of each of the two, `stopped {…}` with its ledger
 * after SIGTERM, and its log in between. Words: the home directory, the two first numbers as JSON, and a seed.
 */
import { type App, startApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { numberedEntry } from "./numbered_source.ts";
import { seededRandom } from "./random.ts";
import { FAR_TABLE, type Numbers } from "./victim.ts";

const [home = "", numbers = "", seed] = Deno.args;
const accepted: Numbers = JSON.parse(numbers);
const random = seededRandom(Number(seed));
const stopping = Promise.withResolvers<void>();
Deno.addSignalListener("SIGTERM", () => stopping.resolve());

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function numbered(name: "near" | "far", table: string | null) {
  const first = accepted[name] + 1;
  const tell = (number: number) => {
    accepted[name] = number;
    say(`accepted ${JSON.stringify(accepted)}`);
  };
  return numberedEntry({ name, table, first, random, accepted: tell });
}

/** All that the ledger says: the sum, and whether it is right for each source too. */
function ledgerOf(app: App): string {
  const { total, balanced } = app.ledger();
  return JSON.stringify({ ...total, balanced });
}

const loaded = await loadConfig({ home, env: Deno.env.get, readTextFile: Deno.readTextFile });
const sources = [...loaded.sources, numbered("near", null), numbered("far", FAR_TABLE)];
say("begun");
const app = await startApp({ loaded: { ...loaded, sources }, home, clock: systemClock, random, write: say });
say(`opened ${ledgerOf(app)}`);
await stopping.promise;
await app.stop();
say(`stopped ${ledgerOf(app)}`);
await app[Symbol.asyncDispose]();
Deno.exit(0);
