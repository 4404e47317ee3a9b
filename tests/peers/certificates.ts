/** Certificates for test peers, made anew for each test: one authority and what it signs. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const ALGORITHMS = {
  ecdsa: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  /** What OPC UA takes. */
  rsa: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
} as const;

type Kind = keyof typeof ALGORITHMS;
const DAY_MS = 86_400_000;

/** A certificate and its private key, both PEM text. */
export interface KeyedCertificate {
  readonly certificate: string;
  /** Hexadecimal, by which a revocation list names it. */
  readonly serialNumber: string;
  readonly privateKey: string;
}

export interface LeafOptions {
  /** DNS names and IP addresses of the subject alternative name. */
  readonly hosts?: readonly string[];
  readonly commonName?: string;
  /** Days from now; negative makes an expired one. */
  readonly days?: number;
  /** Days from now on which it begins to be valid. */
  readonly from?: number;
  readonly usage?: "server" | "client";
  /** URI of the subject alternative name: an OPC UA application's name. */
  readonly uri?: string;
}

/** A certificate authority that signs for tests. */
export class TestAuthority {
  /** PEM text of the authority's own certificate. */
  readonly certificate: string;
  readonly #issuer: x509.X509Certificate;
  readonly #keys: CryptoKeyPair;
  readonly #kind: Kind;
  #serial = 1;

  private constructor(issuer: x509.X509Certificate, keys: CryptoKeyPair, kind: Kind) {
    this.#issuer = issuer;
    this.#keys = keys;
    this.#kind = kind;
    this.certificate = issuer.toString("pem");
  }

  /** `role`: "none" makes a certificate that signs itself and may not sign others, "no lists" one that may not sign lists. */
  static async create(
    name = "Test Authority",
    kind: Kind = "ecdsa",
    role: "authority" | "no lists" | "none" = "authority",
  ): Promise<TestAuthority> {
    const keys = await makeKeys(kind);
    const issuer = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "01",
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + 10 * DAY_MS),
      signingAlgorithm: ALGORITHMS[kind],
      keys,
      extensions: [
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        new x509.BasicConstraintsExtension(role !== "none", undefined, true),
        new x509.KeyUsagesExtension(USAGES[role], true),
      ],
    });
    return new TestAuthority(issuer, keys, kind);
  }

  /** An authority that this one answers for. */
  async subordinate(name: string): Promise<TestAuthority> {
    const keys = await makeKeys(this.#kind);
    const issuer = await x509.X509CertificateGenerator.create({
      serialNumber: (++this.#serial).toString(16).padStart(2, "0"),
      subject: `CN=${name}`,
      issuer: this.#issuer.subject,
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + 10 * DAY_MS),
      signingAlgorithm: ALGORITHMS[this.#kind],
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        await x509.AuthorityKeyIdentifierExtension.create(this.#issuer),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(AUTHORITY_USAGE, true),
      ],
    });
    return new TestAuthority(issuer, keys, this.#kind);
  }

  /** Its revocation list, PEM text, good for another day. */
  revocationList(...serialNumbers: readonly string[]): Promise<string> {
    return this.revocationListUntil(new Date(Date.now() + DAY_MS), ...serialNumbers);
  }

  /** Its revocation list, PEM text, which is to be followed by another until `nextUpdate`; undefined states no time. */
  revocationListUntil(nextUpdate: Date | undefined, ...serialNumbers: readonly string[]): Promise<string> {
    return this.#list(this.#issuer.subject, nextUpdate, serialNumbers);
  }

  /** A list that it signs, in the name of another. */
  revocationListAs(name: string): Promise<string> {
    return this.#list(`CN=${name}`, undefined, []);
  }

  async #list(issuer: string, nextUpdate: Date | undefined, serialNumbers: readonly string[]): Promise<string> {
    const list = await x509.X509CrlGenerator.create({
      issuer,
      thisUpdate: new Date(Date.now() - 2 * DAY_MS),
      ...nextUpdate ? { nextUpdate } : {},
      signingAlgorithm: ALGORITHMS[this.#kind],
      signingKey: this.#keys.privateKey,
      entries: serialNumbers.map((serialNumber) => ({ serialNumber, revocationDate: new Date(Date.now() - DAY_MS) })),
      extensions: [await x509.AuthorityKeyIdentifierExtension.create(this.#issuer)],
    });
    return list.toString("pem");
  }

  /** By default a server certificate for `localhost` and `127.0.0.1`, good for five days. */
  async issue(options: LeafOptions = {}): Promise<KeyedCertificate> {
    const { hosts = ["localhost", "127.0.0.1"], commonName = hosts[0] ?? "test", days = 5, usage = "server" } = options;
    const from = options.from ?? Math.min(days, 0) - 2;
    const keys = await makeKeys(this.#kind);
    const serialNumber = (++this.#serial).toString(16).padStart(2, "0");
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber,
      subject: `CN=${commonName}`,
      issuer: this.#issuer.subject,
      notBefore: new Date(Date.now() + from * DAY_MS),
      notAfter: new Date(Date.now() + days * DAY_MS),
      signingAlgorithm: ALGORITHMS[this.#kind],
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        await x509.AuthorityKeyIdentifierExtension.create(this.#issuer),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        new x509.KeyUsagesExtension(APPLICATION_USAGE, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage === "server" ? "serverAuth" : "clientAuth"]]),
        new x509.SubjectAlternativeNameExtension(
          [
            ...options.uri === undefined ? [] : [{ type: "url" as const, value: options.uri }],
            ...hosts.map((host) => ({ type: /^[\d.]+$|:/.test(host) ? "ip" as const : "dns" as const, value: host })),
          ],
        ),
      ],
    });
    return { certificate: certificate.toString("pem"), serialNumber, privateKey: await toPem(keys.privateKey) };
  }
}

const AUTHORITY_USAGE = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;

/** What Part 6, 6.2.2 wants of an application's certificate. */
const APPLICATION_USAGE = x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation |
  x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.dataEncipherment;

const USAGES = {
  "authority": AUTHORITY_USAGE,
  "no lists": x509.KeyUsageFlags.keyCertSign,
  "none": APPLICATION_USAGE,
} as const;

function makeKeys(kind: Kind): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHMS[kind], true, ["sign", "verify"]);
}

async function toPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
