import type { PageAssets } from "./assets.ts";

/** Who looks at a page. */
export interface Viewer {
  readonly name: string;
  readonly role: "viewer" | "operator" | "administrator";
  /** What requests that change something send along. */
  readonly csrf: string;
}

/** What pages are made from. They show nothing by themselves: islands ask the API. */
export interface PagesDeps {
  /** Undefined where they were not made. */
  readonly assets: PageAssets | undefined;
  readonly version: string;
  /** `deployment.instance_id`: a label. */
  readonly instanceId: string;
  /** Undefined without a session. */
  viewerOf(request: Request): Viewer | undefined;
  /** Whether there is an administrator. */
  isSetUp(): boolean;
}
