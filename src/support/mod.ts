/** A support bundle: how a connector stands, as one sealed file for whoever helps. */
export { readBundle, sealedBundle, writeBundle } from "./bundle_file.ts";
export { bundleContents, type BundlePart } from "./contents.ts";
