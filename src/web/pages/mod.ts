export { type AssetNames, type PageAssets, readAssets } from "./assets.ts";
export { htmlResponse, redirect, type Theme } from "./document.tsx";
export { Island } from "./island.tsx";
export type { PagesDeps, Visit } from "./viewer.ts";
