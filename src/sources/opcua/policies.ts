/** Security policies of OPC UA Part 7, weakest first. */
export const POLICIES = [
  "None",
  "Basic128Rsa15",
  "Basic256",
  "Basic256Sha256",
  "Aes128_Sha256_RsaOaep",
  "Aes256_Sha256_RsaPss",
] as const;

export type Policy = typeof POLICIES[number];

/** `None`, `Sign` or `SignAndEncrypt` (OPC UA Part 4, 7.20). */
export type SecurityMode = "None" | "Sign" | "SignAndEncrypt";

/** What a server offers: one of its endpoints, by policy and mode. */
export interface Offer {
  readonly policy: Policy;
  readonly mode: SecurityMode;
}

/** Withdrawn by the OPC Foundation: they rest on SHA-1 (Part 7, "deprecated"). */
const LEGACY: ReadonlySet<Policy> = new Set<Policy>(["Basic128Rsa15", "Basic256"]);

export function isLegacy(policy: Policy): boolean {
  return LEGACY.has(policy);
}

/** The strongest policy that is offered with `mode`; never `None`. */
export function strongest(offers: readonly Offer[], mode: SecurityMode): Policy | undefined {
  const offered = new Set(offers.filter((offer) => offer.mode === mode).map(({ policy }) => policy));
  return POLICIES.findLast((policy) => policy !== "None" && offered.has(policy));
}
