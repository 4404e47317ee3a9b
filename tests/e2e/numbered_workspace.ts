/**
 * A workspace in a process of its own that follows numbered MQTT rows. Word: milliseconds from storing to acknowledging.
 * Prints one line of JSON with its addresses, then several times a second where the rows stand, as of `Standing`. It goes
 * away on SIGUSR1 (`away`) and comes back on SIGUSR2 (`back`).
 */
import { startZerobus, type StoredRow } from "../peers/zerobus/mod.ts";
import { Sequences } from "./sequences.ts";
import type { Standing } from "./numbered_peer.ts";

const TELL_MS = 50;
const arrived = new Sequences();
const keep = (_table: string, row: StoredRow) => {
  arrived.add(String(row.topic), Number(row.value), `${row.boot_epoch} ${row.seq}`);
};
const zerobus = await startZerobus({ ackDelayMs: Number(Deno.args[0]), keep });
Deno.addSignalListener("SIGUSR1", () => void zerobus.stop().then(() => console.log("away")));
Deno.addSignalListener("SIGUSR2", () => void zerobus.start().then(() => console.log("back")));
const { workspaceHost, zerobusEndpoint, workspaceId, clientId, clientSecret, caPem } = zerobus;
console.log(JSON.stringify({ workspaceHost, zerobusEndpoint, workspaceId, clientId, clientSecret, caPem }));
setInterval(() => {
  const { resent, redelivered, faults } = arrived;
  const standing: Standing = { arrived: arrived.arrived, resent, redelivered, faults: faults.slice(0, 5) };
  console.log(`standing ${JSON.stringify(standing)}`);
}, TELL_MS);
