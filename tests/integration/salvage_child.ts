/** Opens the spool of the home directory named, says so and waits to be killed. */
import { SpoolBuffer } from "../../src/buffer/spool/mod.ts";
import { spoolOptions } from "../fakes/spool.ts";

const [home = ""] = Deno.args;
Deno.stdout.writeSync(new TextEncoder().encode("opening\n"));
await using buffer = await SpoolBuffer.open({ ...spoolOptions(home), bootEpoch: 200 });
Deno.stdout.writeSync(new TextEncoder().encode(`opened ${buffer.ledger().balanced}\n`));
await new Promise((resolve) => setTimeout(resolve, 60_000));
