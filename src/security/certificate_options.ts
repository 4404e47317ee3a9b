/** Both PEM text. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface OwnCertificateOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** Names and addresses by which browsers reach the listener. */
  readonly hosts: readonly string[];
  readonly nowMs: number;
}
