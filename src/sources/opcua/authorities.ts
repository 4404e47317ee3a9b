import type { OPCUACertificateManager } from "node-opcua-certificate-manager";
import { crypto_utils } from "node-opcua-client";
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";

/** As deep as the library follows a chain. */
const MAX_DEPTH = 5;

/** The certificates of a chain, DER, one behind the other: the server's own first. */
export function certificatesOf(chain: Uint8Array): Uint8Array[] {
  return crypto_utils.split_der(Buffer.from(chain));
}

/**
 * The authorities above the first certificate of a chain, the nearest one first, from the folders and from the chain
 * itself; none above one that signed itself. The library has checked the signatures between them.
 */
export async function authoritiesOf(manager: OPCUACertificateManager, chain: Uint8Array): Promise<Uint8Array[]> {
  const shown = certificatesOf(chain);
  const above: Uint8Array[] = [];
  let [here] = shown;
  while (here && namesIssuer(here) && above.length < MAX_DEPTH) {
    const issuer: Uint8Array | undefined = await manager.findIssuerCertificate(Buffer.from(here)) ??
      issuerIn(shown, here);
    if (!issuer || Buffer.from(issuer).equals(here)) break;
    above.push(issuer);
    here = issuer;
  }
  return above;
}

/** One that does not is an end of the chain for the library, which takes it only where it is trusted by itself. */
function namesIssuer(der: Uint8Array): boolean {
  const { extensions } = crypto_utils.exploreCertificate(Buffer.from(der)).tbsCertificate;
  return extensions?.authorityKeyIdentifier?.keyIdentifier !== undefined;
}

function issuerIn(shown: readonly Uint8Array[], der: Uint8Array): Uint8Array | undefined {
  const certificate = new X509Certificate(der);
  return shown.find((each) => each !== der && certificate.verify(new X509Certificate(each).publicKey));
}
