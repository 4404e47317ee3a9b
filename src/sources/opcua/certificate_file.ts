import { ConfigError, reasonOf } from "../../core/error.ts";
import { linkFree } from "../../core/home_file.ts";

/** A certificate, DER or PEM, from a file under the home directory, as DER. @throws {ConfigError} when it cannot be read */
export function readCertificateFile(home: string, path: string): Uint8Array {
  try {
    const bytes = Deno.readFileSync(linkFree(home, `${home}/${path}`));
    return isPem(bytes) ? derOf(new TextDecoder().decode(bytes)) : bytes;
  } catch (error) {
    throw new ConfigError("opcua_certificate_file", `Cannot read the certificate ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function isPem(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, 64)).includes("-----BEGIN");
}

function derOf(pem: string): Uint8Array {
  const body = pem.match(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/)?.[1];
  if (body === undefined) throw new Error("it holds no PEM certificate");
  return Uint8Array.fromBase64(body.replace(/\s/g, ""));
}
