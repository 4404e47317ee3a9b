import { encodeRow, MODBUS } from "../../src/bronze/mod.ts";
import type { Buffer, Route } from "../../src/buffer/buffer.ts";
import { DecodeError, RejectedError } from "../../src/core/error.ts";
import { laneTo } from "../../src/core/lane.ts";
import type { Reading } from "../../src/core/reading.ts";
import { numbered } from "./rows.ts";
import { SpoolHome } from "./spool.ts";
import { homeWith } from "./terminal.ts";

const NEVER = new AbortController().signal;
/** Its tables are in the schema of `meterRoute`. */
const CONFIG = `version: 1
zerobus: { enabled: false, target: { catalog: main, schema: bronze } }
local_sink: { enabled: true }
`;
/** What a device may have sent: text that clears a terminal, and bytes that are no text. */
export const STEERING_PAYLOAD = new TextEncoder().encode("no JSON \u001b[2J\u009b");
export const BINARY_PAYLOAD = new Uint8Array([0xff, 0xfe, 0x00]);

/** A home directory whose spool an earlier run of the connector filled. */
export interface SpooledHome extends AsyncDisposable {
  readonly path: string;
  readonly spool: SpoolHome;
}

/** A route whose rows are real ones of the table `main.bronze.meter`. */
export function meterRoute(): Route {
  const encode = ({ eventTimeUs }: Reading) => encodeRow(MODBUS, { source_name: "meter", value: eventTimeUs });
  return { source: "meter", lane: laneTo("main.bronze.meter", MODBUS.name), encode };
}

/** A home whose spool is still to be filled. */
export async function emptyHome(): Promise<SpooledHome> {
  const home = await homeWith(CONFIG);
  return { path: home.path, spool: new SpoolHome(home.path), [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

/**
 * Of ten rows of the tag `t`, with event times from 1,000,000 µs on, the first is acknowledged and the second was
 * refused: dead letter 3. Before it came 1, steering text, and 2, bytes.
 */
export async function filledHome(): Promise<SpooledHome> {
  const home = await emptyHome();
  await using buffer = await home.spool.open();
  const refusals = [STEERING_PAYLOAD, BINARY_PAYLOAD].map((payload) => (
    {
      tag: "hall\u001b[2J\u009b",
      eventTimeUs: 0,
      payload,
      reason: new DecodeError("not_json", "It is no JSON\u001b[2J"),
    }
  ));
  const receipt = await buffer.accept(
    { readings: numbered(10, 1e6), refusals, isWithheld: false },
    meterRoute(),
    NEVER,
  );
  await receipt.durable;
  await refuseSecond(buffer);
  return home;
}

async function refuseSecond(buffer: Buffer): Promise<void> {
  const { lane } = meterRoute();
  for await (const rows of buffer.next(lane.id, NEVER)) {
    const [first, second] = rows;
    if (!first || !second) throw new RangeError("there are fewer rows than were accepted");
    await buffer.reject(second, new RejectedError("row_refused", "The table does not take it"));
    await buffer.ack(lane.id, first.seq);
    return;
  }
}

/** The records of a spool that nobody has open, by key. */
export async function recordsOf({ spool }: SpooledHome): Promise<readonly unknown[]> {
  using kv = await Deno.openKv(`${spool.directory}/spool.db`);
  return (await Array.fromAsync(kv.list({ prefix: [] }))).map((
    { key, value, versionstamp },
  ) => [key, value, versionstamp]);
}
