/** A software bill of materials: CycloneDX 1.6 (ECMA-424), as JSON. */
import { Buffer } from "node:buffer";
import type { Package } from "./release_lock.ts";

export interface SbomOptions {
  readonly version: string;
  /** Of the runtime that executables are made with. */
  readonly denoVersion: string;
  readonly packages: readonly Package[];
  /** What a package's own package.json says, by its key; SPDX where its makers keep to that. */
  readonly licences: ReadonlyMap<string, string>;
  /** Seconds since 1970-01-01 UTC. */
  readonly releasedS: number;
}

interface Component {
  readonly type: "library" | "application" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly scope?: "required" | "excluded";
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly unknown[];
}

/** The document. `required` is what is in the executable or may be; `excluded` are packages of tests and tools. */
export function sbomOf({ version, denoVersion, packages, licences, releasedS }: SbomOptions): object {
  const self: Component = {
    type: "application",
    "bom-ref": "iot-connector",
    name: "iot-connector",
    version,
    licenses: licensesOf("Apache-2.0"),
  };
  const deno: Component = {
    type: "platform",
    "bom-ref": `deno@${denoVersion}`,
    name: "deno",
    version: denoVersion,
    purl: `pkg:github/denoland/deno@v${denoVersion}`,
    scope: "required",
    licenses: licensesOf("MIT"),
  };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { timestamp: new Date(releasedS * 1000).toISOString(), component: self },
    components: [deno, ...packages.map((each) => componentOf(each, licences.get(each.key)))],
    dependencies: packages.map(({ key, needs }) => ({ ref: key, dependsOn: [...new Set(needs)] })),
  };
}

function componentOf({ key, name, version, integrity, isShipped }: Package, licence: string | undefined): Component {
  return {
    type: "library",
    "bom-ref": key,
    name,
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    scope: isShipped ? "required" : "excluded",
    hashes: [{ alg: "SHA-512", content: Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex") }],
    ...(licence === undefined ? {} : { licenses: licensesOf(licence) }),
  };
}

/** An SPDX id, an SPDX expression, or a name of the makers' own. */
function licensesOf(licence: string): readonly unknown[] {
  if (/ (OR|AND|WITH) /.test(licence)) return [{ expression: licence.replace(/^\((.*)\)$/, "$1") }];
  return /^[A-Za-z0-9.+-]+$/.test(licence) ? [{ license: { id: licence } }] : [{ license: { name: licence } }];
}
