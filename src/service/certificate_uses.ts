/** Which settings name which certificate and key files. */
import { type LoadedConfig, shortPath } from "../config/mod.ts";
import type { CertificateUse } from "./certificate_faults.ts";

/** A setting that names a file. */
export interface NamedFile {
  /** `sources.press.opcua.certificate_path`. */
  readonly setting: string;
  /** Relative to the home directory, without `./` and `//`: a file has one name. */
  readonly path: string;
  /** Undefined for a private key. */
  readonly use: CertificateUse | undefined;
  /** Of a certificate with a key: the key's file. */
  readonly keyPath: string | undefined;
  /** The source; undefined for the connector itself. */
  readonly source: string | undefined;
}

interface Kind {
  readonly use: CertificateUse | undefined;
  /** The setting beside it that names its key. */
  readonly key?: string;
}

const OF_SOURCES: Readonly<Record<string, Kind>> = {
  certificate_path: { use: "opcua_application", key: "private_key_path" },
  private_key_path: { use: undefined },
  server_certificate_path: { use: "peer" },
  user_certificate_path: { use: "opcua_user", key: "user_private_key_path" },
  user_private_key_path: { use: undefined },
  ca_cert_path: { use: "authority" },
  client_cert_path: { use: "tls_client", key: "client_key_path" },
  client_key_path: { use: undefined },
};
const OF_TLS: Readonly<Record<string, Kind>> = {
  certificate_path: { use: "tls_server", key: "private_key_path" },
  private_key_path: { use: undefined },
};
const OF_SECURITY: Readonly<Record<string, Kind>> = {
  ca_bundle_path: { use: "authority" },
  ca_path: { use: "authority" },
};

/** All of them, those of the connector itself first. */
export function namedFiles({ config, sources }: Pick<LoadedConfig, "config" | "sources">): NamedFile[] {
  return [
    ...filesIn(config.gui.tls, { place: "gui.tls", kinds: OF_TLS }),
    ...filesIn(config.security, { place: "security", kinds: OF_SECURITY }),
    ...sources.flatMap(({ spec, config: { name, settings } }) =>
      filesIn(settings, { place: `sources.${name}.${spec.type}`, kinds: OF_SOURCES, source: name })
    ),
  ];
}

interface Place {
  readonly place: string;
  readonly kinds: Readonly<Record<string, Kind>>;
  readonly source?: string;
}

/** In a block and in those that are in it, lists of what is read aside. */
function filesIn(block: unknown, { place, kinds, source }: Place): NamedFile[] {
  if (typeof block !== "object" || block === null || Array.isArray(block)) return [];
  const members: [string, unknown][] = Object.entries(block);
  const textOf = (key: string | undefined) =>
    members.find(([name, value]) => name === key && typeof value === "string");
  return members.flatMap(([key, value]): NamedFile[] => {
    const kind = kinds[key];
    const setting = `${place}.${key}`;
    if (kind && typeof value === "string") {
      const keyPath = textOf(kind.key)?.[1] as string | undefined; // it is a text
      return [{ setting, path: shortPath(value), use: kind.use, keyPath, source }];
    }
    return filesIn(value, { place: setting, kinds, ...source === undefined ? {} : { source } });
  });
}
