/** What is done about the births that a message misses. */
export type BirthRequest =
  /** Nothing: `sparkplug.rebirth_requests` is not set. */
  | { readonly state: "off" }
  /** Just now. Microseconds since 1970-01-01 UTC, also below. */
  | { readonly state: "asked"; readonly atUs: number }
  /** It was asked before, and no birth came that tells what is missing. */
  | { readonly state: "unanswered"; readonly atUs: number }
  /** It was not asked yet, since too many were asked at once. */
  | { readonly state: "waiting" }
  /** The message was kept as a dead letter, and is read for itself. */
  | { readonly state: "replayed" };

/** What is to be said of it to whoever looks at the dead letter, and what helps. */
export function adviceOn(request: BirthRequest): string {
  switch (request.state) {
    case "off":
      return "restart the node or have it publish its births, or set sparkplug.rebirth_requests";
    case "asked":
      return `its births were asked for at ${isoOf(request.atUs)}: restart the node if they do not come`;
    case "unanswered":
      return `its births were asked for at ${
        isoOf(request.atUs)
      }, and the node has not answered with one that says it: ` +
        "restart the node, and see whether it takes Node Control/Rebirth";
    case "waiting":
      return "its births are asked for with one of its next messages, since other nodes are asked at this moment";
    case "replayed":
      return "births are not known when a dead letter is read again: give each metric its name and type";
    default:
      return request satisfies never;
  }
}

function isoOf(us: number): string {
  return new Date(us / 1000).toISOString();
}
