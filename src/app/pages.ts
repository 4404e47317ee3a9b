import { pages } from "../../routes/mod.ts";
import type { Fetch, PageTools } from "../web/mod.ts";
import { readAssets } from "../web/pages/mod.ts";

/** What answers the pages of this installation; undefined where their files were not made. */
export function pagesFor(instanceId: string): ((tools: PageTools) => Fetch) | undefined {
  const assets = readAssets();
  return assets && ((tools) => pages({ ...tools, assets, instanceId }));
}
