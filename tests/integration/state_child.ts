/** Saves one state after the other in the home directory named, each with a list of its own number, until it is killed. */
import { prepareState, stateText } from "../../src/config/mod.ts";

const [home = ""] = Deno.args;
for (let number = 1;; number++) {
  Deno.stdout.writeSync(new TextEncoder().encode(`saving ${number}\n`));
  using file = prepareState(home, stateText({ list: Array.from({ length: 20_000 }, () => number) }));
  file.commit();
  Deno.stdout.writeSync(new TextEncoder().encode(`saved ${number}\n`));
}
