/** The map of the project: what lies where, and who may import whom. CONTRIBUTING.md tells the same in words. */

/** A part of the project. A file belongs to the place whose path fits it best; `*` stands for one name. */
export interface Place {
  readonly path: string;
  /** Files, and directories with all that is in them; "" is everything. A place may always import itself. */
  readonly mayImport: readonly string[];
}

export const PLACES: readonly Place[] = [
  { path: "main.ts", mayImport: ["src/cli"] },
  {
    path: "src/cli",
    // The ledger's type: a command says how it stands when it ends.
    mayImport: [
      "src/app.ts",
      "src/app",
      "src/doctor",
      "src/secrets",
      "src/service",
      "src/config",
      "src/backup",
      "src/support",
      "src/core",
      "src/lib",
      "src/buffer/ledger.ts",
    ],
  },
  { path: "src/app.ts", mayImport: ["src"] },
  { path: "src/app", mayImport: ["src", "routes"] },
  // The version is the one in deno.json.
  { path: "src/lib", mayImport: ["deno.json"] },
  { path: "src/core", mayImport: ["src/lib"] },
  {
    path: "src/config",
    // Bronze: settings name columns.
    mayImport: [
      "src/core",
      "src/lib",
      "src/bronze",
      "src/sources/mod.ts",
      "src/sources/*/spec.ts",
      "src/sinks/*/spec.ts",
    ],
  },
  // Protocols do not know each other. Each says how its readings become rows, so it knows bronze.
  { path: "src/sources/*", mayImport: ["src/core", "src/lib", "src/bronze"] },
  { path: "src/sources/mod.ts", mayImport: ["src/core", "src/sources/*/spec.ts"] },
  { path: "src/bronze", mayImport: ["src/core", "src/lib"] },
  { path: "src/sinks/*", mayImport: ["src/core", "src/lib", "src/bronze"] },
  { path: "src/buffer", mayImport: ["src/core", "src/lib"] },
  { path: "src/backup", mayImport: ["src/core", "src/lib", "src/buffer"] },
  // Sealed as a backup is.
  {
    path: "src/support",
    mayImport: ["src/backup", "src/buffer/spool/seal.ts", "src/service", "src/config", "src/core", "src/lib"],
  },
  { path: "src/pipeline", mayImport: ["src/core", "src/lib", "src/buffer", "src/bronze"] },
  { path: "src/security", mayImport: ["src/core", "src/lib"] },
  { path: "src/telemetry", mayImport: ["src/core", "src/lib"] },
  { path: "src/alerts", mayImport: ["src/core", "src/lib"] },
  {
    path: "src/service",
    mayImport: [
      "src/core",
      "src/lib",
      "src/config",
      "src/pipeline",
      "src/buffer",
      "src/bronze",
      "src/security",
      "src/telemetry",
      "src/sources/mod.ts",
    ],
  },
  // The way through the plant's proxy is the sink's.
  {
    path: "src/secrets",
    mayImport: [
      "src/config",
      "src/core",
      "src/lib",
      "src/sinks/zerobus/proxy.ts",
      "src/sinks/zerobus/proxied_clients.ts",
    ],
  },
  {
    path: "src/doctor",
    // It goes the sink's own way: what works for it works for the sink.
    mayImport: [
      "src/service",
      "src/config",
      "src/core",
      "src/lib",
      "src/bronze",
      "src/sinks/zerobus",
      "src/sources/mod.ts",
    ],
  },
  { path: "src/web", mayImport: ["src/service", "src/doctor", "src/support", "src/core", "src/lib"] },
  { path: "routes", mayImport: ["src/web", "src/service", "islands"] },
  { path: "islands", mayImport: ["src/web/client", "src/core"] },
  { path: "tools", mayImport: [""] },
  // Tests beside the code (x_test.ts) count as these.
  { path: "tests", mayImport: [""] },
];

/** The only places, tests and tools aside, that know a package. `*` at the end of a name stands for any rest of it. */
export const PACKAGES: readonly { readonly name: string; readonly places: readonly string[] }[] = [
  { name: "@grpc/grpc-js", places: ["src/sinks/zerobus"] },
  { name: "mqtt", places: ["src/sources/mqtt"] },
  { name: "node-opcua-*", places: ["src/sources/opcua"] },
  { name: "hono", places: ["src/web", "routes"] },
  { name: "@hono/zod-openapi", places: ["src/web"] },
  { name: "swagger-ui-dist", places: ["src/web"] },
  { name: "@peculiar/x509", places: ["src/security"] },
  { name: "reflect-metadata", places: ["src/security"] },
  { name: "preact*", places: ["src/web", "routes", "islands"] },
  { name: "@preact/signals", places: ["src/web/client", "islands"] },
  { name: "nodemailer", places: ["src/alerts"] },
  { name: "prom-client", places: ["src/telemetry"] },
  { name: "uplot", places: ["islands"] },
  { name: "yaml", places: ["src/config"] },
  { name: "zod", places: ["src"] },
];
