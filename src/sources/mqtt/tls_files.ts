import { createPrivateKey, X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { ConfigError, reasonOf } from "../../core/error.ts";
import { linkFree } from "../../core/home_file.ts";
import type { MqttSettings } from "./settings.ts";

/** What a TLS connection needs of files, as node:tls takes it. */
export interface TlsFiles {
  readonly ca: string[];
  readonly cert?: string;
  readonly key?: string;
}

export interface TlsFilesOptions {
  readonly tls: MqttSettings["tls"];
  /** Absolute path of the home directory. */
  readonly home: string;
  /** PEM text of roots beside the built-in ones. */
  readonly extraRoots: string | undefined;
}

/**
 * Reads them at every connection, so that a certificate that was renewed is used without a restart.
 * @throws {ConfigError} naming the file that cannot be read, is none, or does not fit the other
 */
export async function readTlsFiles({ tls, home, extraRoots }: TlsFilesOptions): Promise<TlsFiles> {
  const ca = tls.ca_cert_path === null
    ? [...rootCertificates, ...(extraRoots === undefined ? [] : [extraRoots])]
    : [await readHomeFile(home, tls, "ca_cert_path")];
  if (tls.client_cert_path === null || tls.client_key_path === null) return { ca };
  const cert = await readHomeFile(home, tls, "client_cert_path");
  const key = await readHomeFile(home, tls, "client_key_path");
  checkPair(tls, cert, key);
  return { ca, cert, key };
}

type FileKey = "ca_cert_path" | "client_cert_path" | "client_key_path";

async function readHomeFile(home: string, tls: MqttSettings["tls"], key: FileKey): Promise<string> {
  try {
    return await Deno.readTextFile(linkFree(home, `${home}/${tls[key]}`));
  } catch (error) {
    throw fault(key, `Cannot read tls.${key} ${tls[key]}: ${reasonOf(error)}`, error);
  }
}

/** node:tls takes a certificate that it cannot use as none, and says of a foreign key only that the protocol is unsupported. */
function checkPair(tls: MqttSettings["tls"], cert: string, key: string): void {
  const certificate = parsed(tls, "client_cert_path", "a certificate", () => new X509Certificate(cert));
  const privateKey = parsed(tls, "client_key_path", "a private key without a password", () => createPrivateKey(key));
  if (certificate.checkPrivateKey(privateKey)) return;
  const message = `tls.client_key_path ${tls.client_key_path} does not belong to tls.client_cert_path ` +
    `${tls.client_cert_path}: use the key that the certificate was made with`;
  throw fault("client_key_path", message);
}

function parsed<T>(tls: MqttSettings["tls"], key: FileKey, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw fault(key, `tls.${key} ${tls[key]} is not ${what} in PEM: ${reasonOf(error)}`, error);
  }
}

function fault(key: FileKey, message: string, cause?: unknown): ConfigError {
  const code = key === "ca_cert_path" ? "mqtt_ca_unreadable" : "mqtt_client_certificate_unusable";
  return new ConfigError(code, message, { path: `mqtt.tls.${key}`, cause });
}
