import type { LoadedConfig } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { CertificateInventory } from "../service/certificate_inventory.ts";
import { CertificateStore, type StoredCertificate } from "../service/certificate_store.ts";
import { TrustList } from "../service/trust_list.ts";

/** Days until each certificate ends that something uses, by its file; of a server by subject and fingerprint, since a renewed one has the same subject. */
export async function certificateDays(
  home: string,
  clock: Clock,
  loaded: () => LoadedConfig,
): Promise<ReadonlyMap<string, number>> {
  const used = await usedCertificates(home, clock, loaded);
  return new Map(used.map(([name, { days_left }]) => [name, days_left]));
}

/** The certificates that something uses, by the same names. */
export async function usedCertificates(
  home: string,
  clock: Clock,
  loaded: () => LoadedConfig,
): Promise<readonly (readonly [name: string, certificate: StoredCertificate])[]> {
  const trust = new TrustList({ home, clock, loaded });
  const store = new CertificateStore(home, clock);
  const items = await new CertificateInventory({ home, clock, loaded, store, trust }).all();
  return items.flatMap(({ origin, path, certificate, used_by }) => {
    // An upload that nothing names may end as it likes; ours are always in use.
    const isUsed = used_by.length > 0 || origin.startsWith("own_");
    if (!certificate || !isUsed) return [];
    const name = origin === "server" ? `${certificate.subject} (${certificate.fingerprint.slice(0, 8)})` : path;
    return [[name, certificate] as const];
  });
}
