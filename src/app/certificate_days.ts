import type { LoadedConfig } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { CertificateInventory } from "../service/certificate_inventory.ts";
import { CertificateStore } from "../service/certificate_store.ts";
import { TrustList } from "../service/trust_list.ts";

/** Days until each certificate ends that something uses, by its file or, of a server, its subject. */
export async function certificateDays(
  home: string,
  clock: Clock,
  loaded: () => LoadedConfig,
): Promise<ReadonlyMap<string, number>> {
  const trust = new TrustList({ home, clock, loaded });
  const store = new CertificateStore(home, clock);
  const items = await new CertificateInventory({ home, clock, loaded, store, trust }).all();
  return new Map(items.flatMap(({ origin, path, certificate, used_by }) => {
    // An upload that nothing names may end as it likes; ours are always in use.
    const isUsed = used_by.length > 0 || origin.startsWith("own_");
    if (!certificate || !isUsed) return [];
    return [[origin === "server" ? certificate.subject : path, certificate.days_left] as const];
  }));
}
