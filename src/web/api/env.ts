import type { Caller } from "../../service/access.ts";
import type { Peer } from "../peer.ts";

/** What every handler of the API finds in its context. */
export interface ApiEnv {
  Bindings: Peer;
  Variables: {
    /** Who asks; set by `guard`. */
    caller: Caller;
  };
}
