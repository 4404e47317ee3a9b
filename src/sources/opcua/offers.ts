import type { EndpointDescription, OPCUAClient } from "node-opcua-client";
import { MessageSecurityMode } from "node-opcua-client";
import { AuthError, ConfigError } from "../../core/error.ts";
import { type Offer, POLICIES, type Policy, type SecurityMode, strongest } from "./policies.ts";

/** Where a policy's URI ends with its name (OPC UA Part 7, 6.6). */
const POLICY_URI = "http://opcfoundation.org/UA/SecurityPolicy#";
const BINARY = /\/uatcp-uasc-uabinary$/;

/** What the server that `client` is connected with offers over its binary protocol. @throws what the library throws */
export async function readOffers(client: OPCUAClient): Promise<readonly Offer[]> {
  return (await client.getEndpoints()).flatMap(toOffer);
}

function toOffer({ securityPolicyUri, securityMode, transportProfileUri }: EndpointDescription): readonly Offer[] {
  const policy = POLICIES.find((policy) => securityPolicyUri === POLICY_URI + policy);
  const mode = modeOf(securityMode);
  const isBinary = !transportProfileUri || BINARY.test(transportProfileUri);
  return policy && mode && isBinary ? [{ policy, mode }] : [];
}

function modeOf(mode: MessageSecurityMode): SecurityMode | undefined {
  switch (mode) {
    case MessageSecurityMode.None:
      return "None";
    case MessageSecurityMode.Sign:
      return "Sign";
    case MessageSecurityMode.SignAndEncrypt:
      return "SignAndEncrypt";
    default:
      return undefined;
  }
}

/** The policy that `auto` takes. @throws {ConfigError} when the server offers none with `mode` */
export function chosenPolicy(endpoint: string, offers: readonly Offer[], mode: SecurityMode): Policy {
  const policy = strongest(offers, mode);
  if (policy) return policy;
  const offered = offers.map((offer) => `${offer.policy} with ${offer.mode}`).join(", ") || "nothing that we know";
  throw new ConfigError(
    "opcua_no_endpoint",
    `Cannot use ${endpoint}: the server offers no security with ${mode}, but ${offered}; set security_mode and security_policy to what it offers, or enable ${mode} at the server`,
  );
}

/**
 * The list that decided came over an open line, where somebody may have shortened it. `offers` is the same, asked for
 * through the channel that was chosen.
 * @throws {AuthError} when it has a stronger policy than `chosen`
 */
export function checkDowngrade(endpoint: string, { chosen, mode, offers }: Choice): void {
  const best = strongest(offers, mode);
  if (best === undefined || best === chosen) return;
  throw new AuthError(
    "opcua_downgrade",
    `Do not trust the line to ${endpoint}: the server's list had ${chosen} as its best security, and through the secured channel it has ${best}. Somebody between may change what is sent; look at the network, or set security_policy to ${best}`,
  );
}

export interface Choice {
  readonly chosen: Policy;
  readonly mode: SecurityMode;
  readonly offers: readonly Offer[];
}
