/** A support bundle: how a connector stands, as one sealed file for whoever helps. */
export { readBundle, writeBundle } from "./bundle_file.ts";
export { bundleContents } from "./contents.ts";
