/**
 * A fake Zerobus workspace in a process of its own.
 *
 * ```sh
 * deno run -A tests/peers/zerobus/main.ts --web-port 8443 --ingest-port 9443 --ca ca.pem --verify light --keep count
 * ```
 * Prints one line of JSON when it is ready: `{ workspaceHost, zerobusEndpoint, workspaceId, clientId, clientSecret, caPath,
 * pid }`. `GET /stats` on the web port answers with the rows per table. Ends on SIGTERM and SIGINT.
 */
import { parseArgs } from "node:util";
import { startZerobus, type ZerobusOptions, type ZerobusPeer } from "./mod.ts";

const OPTIONS = {
  "web-port": { type: "string", default: "0" },
  "ingest-port": { type: "string", default: "0" },
  /** Where the authority's certificate is written; default a new file in the temporary directory. */
  ca: { type: "string" },
  "client-id": { type: "string" },
  "client-secret": { type: "string" },
  "workspace-id": { type: "string" },
  "ack-delay-ms": { type: "string", default: "0" },
  /** `full` or `light` */
  verify: { type: "string", default: "full" },
  /** `all` or `count` */
  keep: { type: "string", default: "count" },
  "rotate-every-seconds": { type: "string" },
  "rotate-grace-seconds": { type: "string", default: "60" },
} as const;

function readOptions(args: string[]): { options: ZerobusOptions; caPath: string | undefined } {
  const { values } = parseArgs({ args, options: OPTIONS });
  const everyMs = Number(values["rotate-every-seconds"]) * 1000;
  const options: ZerobusOptions = {
    webPort: Number(values["web-port"]),
    ingestPort: Number(values["ingest-port"]),
    ackDelayMs: Number(values["ack-delay-ms"]),
    verify: values.verify === "light" ? "light" : "full",
    keep: values.keep === "all" ? "all" : "count",
    ...(values["client-id"] ? { clientId: values["client-id"] } : {}),
    ...(values["client-secret"] ? { clientSecret: values["client-secret"] } : {}),
    ...(values["workspace-id"] ? { workspaceId: values["workspace-id"] } : {}),
    ...(everyMs > 0 ? { rotation: { everyMs, graceMs: Number(values["rotate-grace-seconds"]) * 1000 } } : {}),
  };
  return { options, caPath: values.ca };
}

function announce(zerobus: ZerobusPeer, caPath: string): void {
  const { workspaceHost, zerobusEndpoint, workspaceId, clientId, clientSecret } = zerobus;
  const { pid } = Deno;
  console.log(JSON.stringify({ workspaceHost, zerobusEndpoint, workspaceId, clientId, clientSecret, caPath, pid }));
}

async function main(args: string[]): Promise<void> {
  const { options, caPath: wanted } = readOptions(args);
  await using zerobus = await startZerobus(options);
  const caPath = wanted ?? await Deno.makeTempFile({ prefix: "zerobus-ca-", suffix: ".pem" });
  await Deno.writeTextFile(caPath, zerobus.caPem);
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, resolve);
  announce(zerobus, caPath);
  await promise;
  if (!wanted) await Deno.remove(caPath);
}

if (import.meta.main) {
  await main(Deno.args);
  Deno.exit(0);
}
