import type { Row } from "../../core/reading.ts";
import type { StreamStatus } from "./ingest_error.ts";
import { halve, type Parcel, type SendCall, singleRow } from "./parcel.ts";
import { type Ending, type IngestStream, isPoisoned } from "./stream.ts";

export interface IsolationOptions {
  /** Sends these and waits until they are acknowledged or the stream has ended. */
  readonly deliver: (stream: IngestStream<Parcel>, parcels: readonly Parcel[]) => Promise<Undelivered | undefined>;
  readonly open: () => Promise<IngestStream<Parcel>>;
}

/** What a stream did not acknowledge before it ended, oldest first. */
export interface Undelivered {
  readonly parcels: readonly Parcel[];
  readonly ending: Ending;
}

/** How the search for a refused row came out. */
export interface Isolated {
  /** Goes on; undefined when the last one ended. */
  readonly stream: IngestStream<Parcel> | undefined;
  /** Not delivered yet, oldest first. */
  readonly rest: readonly Parcel[];
  readonly streams: number;
  /** The refused row with the service's words; undefined when every row was taken this time, or the search broke off. */
  readonly poison: { readonly call: SendCall; readonly row: Row; readonly status: StreamStatus } | undefined;
  /** Why the search broke off, for another reason than a row. */
  readonly failure: Ending | undefined;
}

/**
 * Finds the row for which the service ended a stream. The protocol names no offset, so the unacknowledged rows are sent
 * again in halves, oldest first: a half that is taken is delivered, a half that is refused costs a stream and is halved.
 * A row is refused only once it was sent alone; that takes at most log2(rows) + 1 streams. Order is kept throughout.
 */
export async function isolate(
  suspects: readonly Parcel[],
  first: IngestStream<Parcel> | undefined,
  options: IsolationOptions,
): Promise<Isolated> {
  let stream = first ?? await options.open();
  let streams = 1;
  const groups = halve(suspects);
  while (groups.length > 0) {
    const group = groups.shift() ?? [];
    const undelivered = await options.deliver(stream, group);
    if (!undelivered) {
      // The first half was taken: what is wrong stands in the second.
      groups.splice(0, 1, ...halve(groups[0] ?? []));
      continue;
    }
    const { parcels, ending } = undelivered;
    if (!isPoisoned(ending)) {
      return { stream: undefined, rest: [...parcels, ...groups.flat()], streams, poison: undefined, failure: ending };
    }
    const single = singleRow(parcels);
    if (single) {
      const poison = { ...single, status: ending.status };
      return { stream: undefined, rest: groups.flat(), streams, poison, failure: undefined };
    }
    groups.unshift(...halve(parcels));
    stream = await options.open();
    streams++;
  }
  return { stream, rest: [], streams, poison: undefined, failure: undefined };
}
