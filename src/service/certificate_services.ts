import type { LoadedConfig } from "../config/mod.ts";
import { CertificateInventory } from "./certificate_inventory.ts";
import { RevocationLists } from "./certificate_revocations.ts";
import { CertificateStore } from "./certificate_store.ts";
import { TrustList } from "./trust_list.ts";

/** All that looks after the certificates of a home. */
export interface CertificateServices {
  readonly trust: TrustList;
  readonly certificates: CertificateStore;
  readonly inventory: CertificateInventory;
  readonly revocations: RevocationLists;
}

export interface CertificatePlace {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: { nowUs(): number };
  /** The configuration that holds now. */
  readonly loaded: () => LoadedConfig;
  /** Lets sources that wait try to connect at once. */
  readonly tryNow: (sources: readonly string[]) => void;
}

export function certificateServices({ home, clock, loaded, tryNow }: CertificatePlace): CertificateServices {
  const trust = new TrustList({ home, clock, loaded, tryNow });
  const certificates = new CertificateStore(home, clock);
  const inventory = new CertificateInventory({ home, clock, loaded, store: certificates, trust });
  return { trust, certificates, inventory, revocations: new RevocationLists({ home, clock, trust }) };
}
