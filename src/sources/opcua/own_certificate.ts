import type { OPCUACertificateManager } from "node-opcua-certificate-manager";
import { X509Certificate } from "node:crypto";
import type { SourceDeps } from "../../core/source.ts";
import { ConfigError, reasonOf } from "../../core/error.ts";
import { infoOf, linkFree } from "../../core/home_file.ts";
import { readCertificateFile } from "./certificate_file.ts";
import { dropOtherKeys, keyFileOf, makePair, writeNew } from "./own_key.ts";
import type { OpcuaSettings } from "./settings.ts";
import { PKI_FOLDER } from "./pki_folder.ts";

/**
 * The certificate by which servers know us, and its key. Without a configured one it is ours: made at first use, and
 * anew, with a new key, a month before it ends. Each server has to trust the new one, which takes a person: so the old one
 * is kept, and shown to the servers that refuse the new one, until it ends.
 */
export interface OwnCertificate {
  /** Path under the home directory. */
  readonly path: string;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

export const APPLICATION_NAME = "iot-connector";
const CURRENT = `${PKI_FOLDER}/own/certs/${APPLICATION_NAME}.pem`;
const FORMER = `${PKI_FOLDER}/own/certs/${APPLICATION_NAME}-former.pem`;
const YEARS = 5;
const DAY_MS = 86_400_000;
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** Where certificates are made. */
export interface Workshop {
  readonly manager: OPCUACertificateManager;
  readonly deps: Pick<SourceDeps, "home" | "clock" | "log" | "edgeId">;
}

/** The certificate that a person has to trust at a server, a path under the home directory. */
export function ownCertificatePath({ certificate_path }: OpcuaSettings): string {
  return certificate_path ?? CURRENT;
}

/** By which our certificate and our requests name us. */
export function applicationUri({ edgeId }: Pick<SourceDeps, "edgeId">): string {
  return `urn:${APPLICATION_NAME}:${edgeId}`;
}

/**
 * Our certificates, in the order in which a server is to be shown them: one at least.
 * @throws {ConfigError} when a configured file cannot be read
 */
export async function ownCertificates(settings: OpcuaSettings, workshop: Workshop): Promise<readonly OwnCertificate[]> {
  const { certificate_path: path, private_key_path: key } = settings;
  const { manager, deps: { home } } = workshop;
  await manager.initialize();
  if (path !== null && key !== null) {
    readCertificateFile(home, path); // says what is wrong with it; the library does not
    return [{ path, certificateFile: `${home}/${path}`, privateKeyFile: linkFree(home, `${home}/${key}`) }];
  }
  await renewOwnCertificate(workshop);
  const shown = isUsable(FORMER, workshop) ? [CURRENT, FORMER] : [CURRENT];
  return shown.map((path) => ({
    path,
    certificateFile: `${home}/${path}`,
    // The library's own key, for a certificate that was made with it.
    privateKeyFile: keyFileOf(home, read(path, workshop)) ?? manager.privateKey,
  }));
}

/** Makes our certificate where there is none, or none that lasts for another month. */
export async function renewOwnCertificate(workshop: Workshop): Promise<void> {
  const { home, log } = workshop.deps;
  const end = putAside(workshop);
  if (!infoOf(`${home}/${CURRENT}`)) await make(workshop);
  if (end !== undefined) {
    log.log(
      "warn",
      `Our OPC UA certificate ends on ${end}; a new one was made: trust ${CURRENT} at each server. Until then servers are shown the old one`,
      { path: CURRENT },
    );
  }
}

/**
 * Puts a certificate aside that ends soon, and says when it ends; one that names another connector is deleted. All at
 * once, so that of several sources that look at the same time one does it.
 */
function putAside(workshop: Workshop): string | undefined {
  const { home, clock } = workshop.deps;
  if (!infoOf(`${home}/${CURRENT}`)) return undefined;
  const certificate = read(CURRENT, workshop);
  if (!certificate.subjectAltName?.includes(applicationUri(workshop.deps))) {
    Deno.removeSync(`${home}/${CURRENT}`);
    return undefined;
  }
  const end = new Date(certificate.validTo);
  if (end.getTime() - clock.nowUs() / 1000 > RENEW_BEFORE_MS) return undefined;
  Deno.renameSync(linkFree(home, `${home}/${CURRENT}`), linkFree(home, `${home}/${FORMER}`));
  return end.toISOString().slice(0, 10);
}

function isUsable(path: string, workshop: Workshop): boolean {
  if (!infoOf(`${workshop.deps.home}/${path}`)) return false;
  const certificate = read(path, workshop);
  return Date.parse(certificate.validTo) > workshop.deps.clock.nowUs() / 1000 &&
    (certificate.subjectAltName?.includes(applicationUri(workshop.deps)) ?? false);
}

function read(path: string, { deps: { home } }: Workshop): X509Certificate {
  const der = readCertificateFile(home, path);
  try {
    return new X509Certificate(der);
  } catch (error) {
    const advice = "move it away, and a new one is made";
    throw new ConfigError(
      "opcua_own_certificate",
      `Cannot read our certificate ${path}: ${reasonOf(error)}; ${advice}`,
      {
        cause: error,
      },
    );
  }
}

/** Written beside and linked: the file is whole or not there, and of two that are made at a time the first one stays. */
async function make(workshop: Workshop): Promise<void> {
  const { home, clock } = workshop.deps;
  const file = linkFree(home, `${home}/${CURRENT}`);
  const draft = `${file}.${crypto.randomUUID()}`;
  const begins = new Date(clock.nowUs() / 1000);
  const options = { name: APPLICATION_NAME, applicationUri: applicationUri(workshop.deps), begins, days: 365 * YEARS };
  writeNew(draft, await makePair(home, options));
  try {
    Deno.linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  } finally {
    Deno.removeSync(draft);
  }
  const kept = [CURRENT, FORMER].filter((path) => infoOf(`${home}/${path}`));
  dropOtherKeys(home, kept.map((path) => read(path, workshop)));
}
