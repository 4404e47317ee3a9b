/** Certificates for test peers, made anew for each test: one authority and what it signs. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** A certificate and its private key, both PEM text. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface LeafOptions {
  /** DNS names and IP addresses of the subject alternative name. */
  readonly hosts?: readonly string[];
  readonly commonName?: string;
  /** Days from now; negative makes an expired one. */
  readonly days?: number;
  readonly usage?: "server" | "client";
}

/** A certificate authority that signs for tests. */
export class TestAuthority {
  /** PEM text of the authority's own certificate. */
  readonly certificate: string;
  readonly #issuer: x509.X509Certificate;
  readonly #keys: CryptoKeyPair;
  #serial = 1;

  private constructor(issuer: x509.X509Certificate, keys: CryptoKeyPair) {
    this.#issuer = issuer;
    this.#keys = keys;
    this.certificate = issuer.toString("pem");
  }

  static async create(name = "Test Authority"): Promise<TestAuthority> {
    const keys = await makeKeys();
    const issuer = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "01",
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + 10 * DAY_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    return new TestAuthority(issuer, keys);
  }

  /** By default a server certificate for `localhost` and `127.0.0.1`, good for five days. */
  async issue(options: LeafOptions = {}): Promise<KeyedCertificate> {
    const { hosts = ["localhost", "127.0.0.1"], commonName = hosts[0] ?? "test", days = 5, usage = "server" } = options;
    const keys = await makeKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (++this.#serial).toString(16).padStart(2, "0"),
      subject: `CN=${commonName}`,
      issuer: this.#issuer.subject,
      notBefore: new Date(Date.now() - 2 * DAY_MS + Math.min(days, 0) * DAY_MS),
      notAfter: new Date(Date.now() + days * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage === "server" ? "serverAuth" : "clientAuth"]]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map((host) => ({ type: /^[\d.]+$|:/.test(host) ? "ip" as const : "dns" as const, value: host })),
        ),
      ],
    });
    return { certificate: certificate.toString("pem"), privateKey: await toPem(keys.privateKey) };
  }
}

function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function toPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
