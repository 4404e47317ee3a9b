import type { Fetch, PageTools } from "../web/mod.ts";
import { readAssets } from "../web/pages/mod.ts";

/**
 * What answers the pages of this installation; undefined where their files were not made. Pages are loaded when the first is
 * asked for: where nobody looks, they take no memory (6 MB).
 */
export function pagesFor(instanceId: string): ((tools: PageTools) => Fetch) | undefined {
  const assets = readAssets();
  return assets && ((tools) => {
    let loading: Promise<Fetch> | undefined;
    return async (request, peer) => {
      loading ??= import("../../routes/mod.ts").then(({ pages }) => pages({ ...tools, assets, instanceId }));
      return await (await loading)(request, peer);
    };
  });
}
