import type { Caller } from "../../service/access.ts";
import type { Peer } from "../peer.ts";
import type { PageAssets } from "./assets.ts";

/** What pages are made from. They show nothing by themselves: islands ask the API. */
export interface PagesDeps {
  readonly assets: PageAssets;
  /** `deployment.instance_id`: a label. */
  readonly instanceId: string;
  /** Who looks; undefined for nobody that is logged in. */
  readonly viewerOf: (request: Request, peer: Peer) => Caller | undefined;
  /** Whether there is an administrator. */
  readonly isSetUp: () => boolean;
  /** The configuration is changed by files alone (`gui.read_only`). */
  readonly isReadOnly: () => boolean;
}

/** A page that was asked for. */
export interface Visit {
  readonly request: Request;
  readonly peer: Peer;
  readonly deps: PagesDeps;
}
