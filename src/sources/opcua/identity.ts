import { type UserIdentityInfo, UserTokenType } from "node-opcua-client";
import { Buffer } from "node:buffer";
import { ConfigError, reasonOf } from "../../core/error.ts";
import { linkFree } from "../../core/home_file.ts";
import { readCertificateFile } from "./certificate_file.ts";
import type { OpcuaSettings } from "./settings.ts";

/** As whom we log in. @throws {ConfigError} when a file of the user's certificate cannot be read */
export function identity(settings: OpcuaSettings, home: string): UserIdentityInfo {
  const { user_certificate_path: certificate, user_private_key_path: key } = settings;
  if (certificate !== null && key !== null) {
    return {
      type: UserTokenType.Certificate,
      certificateData: Buffer.from(readCertificateFile(home, certificate)),
      privateKey: readPrivateKey(home, key),
    };
  }
  if (settings.username === "") return { type: UserTokenType.Anonymous };
  return { type: UserTokenType.UserName, userName: settings.username, password: settings.password.reveal() };
}

function readPrivateKey(home: string, path: string): string {
  try {
    const pem = Deno.readTextFileSync(linkFree(home, `${home}/${path}`));
    if (/ENCRYPTED/.test(pem)) throw new Error("it is encrypted: write it without a passphrase, mode 0600");
    if (!pem.includes("PRIVATE KEY-----")) throw new Error("it holds no PEM private key");
    return pem;
  } catch (error) {
    throw new ConfigError("opcua_key_file", `Cannot read the private key ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
