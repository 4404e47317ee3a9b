/** Saves one thing after the other in the home directory named, each with a number, until it is killed. */
import { SAVES } from "./state_saves.ts";

const [home = "", kind = ""] = Deno.args;
const save = SAVES[kind];
for (let number = 1; save; number++) {
  Deno.stdout.writeSync(new TextEncoder().encode(`saving ${number}\n`));
  await save(home, number);
  Deno.stdout.writeSync(new TextEncoder().encode(`saved ${number}\n`));
}
