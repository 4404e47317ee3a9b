/**
 * The least that a sender can do, as the measure for the rest: encode readings, put them into requests of 1,000 rows,
 * write them to one gRPC stream, 16 MiB ahead of the acknowledgements. Prints `{ rows, seconds, cpuSeconds, peakMb }`.
 *
 * Words: the workspace's addresses as JSON, and the number of rows.
 */
import { MQTT } from "../../src/bronze/mod.ts";
import { planBundled } from "../../src/bronze/table_plan.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { IngestChannels } from "../../src/sinks/zerobus/channel.ts";
import { parseIngestEndpoint, parseServiceUrl } from "../../src/sinks/zerobus/endpoint.ts";
import { WorkspaceHttp } from "../../src/sinks/zerobus/http.ts";
import { TokenCache } from "../../src/sinks/zerobus/token.ts";
import { createStreamRequest, ingestBatchRequest, readResponse } from "../../src/sinks/zerobus/wire.ts";
import { Secret } from "../../src/lib/secret.ts";
import { mqttEncoder } from "../../src/sources/mqtt/encode.ts";
import { usageOf } from "./cpu.ts";
import { benchReadings, LANE_TABLE, SOURCE } from "./rows.ts";

const BATCH = 1000;
const MAX_IN_FLIGHT = 16 * 1024 * 1024;
const address = JSON.parse(Deno.args[0] ?? "");
const total = Number(Deno.args[1]);

const extraRoots = Deno.readTextFileSync(address.caPath);
const shared = { extraRoots, proxy: undefined, userAgent: "bench/1" };
using http = new WorkspaceHttp(shared);
const tokens = new TokenCache({
  endpoint: new URL("/oidc/v1/token", parseServiceUrl(address.workspaceHost)),
  workspaceId: address.workspaceId,
  clientId: address.clientId,
  clientSecret: new Secret(address.clientSecret),
  http,
  clock: systemClock,
  report: () => {},
});
const channels = new IngestChannels({
  ...shared,
  endpoint: parseIngestEndpoint(address.zerobusEndpoint),
  keepaliveMs: 30_000,
});
const token = await tokens.forTable(LANE_TABLE, AbortSignal.timeout(15_000));
const { call, close } = channels.open(token, LANE_TABLE);
const readings = benchReadings(BATCH);
const encode = mqttEncoder(SOURCE as Parameters<typeof mqttEncoder>[0]);

let acked = -1n;
let wake = () => {};
const opened = Promise.withResolvers<void>();
call.on("data", (bytes) => {
  const response = readResponse(bytes);
  if (response.kind === "created") opened.resolve();
  if (response.kind === "ack") acked = response.upTo ?? acked;
  wake();
});
call.on("drain", () => wake());
call.on("error", (error) => opened.reject(error));
const changed = () => new Promise<void>((resolve) => wake = resolve);
const plan = planBundled(MQTT as never); // only its name and fields are read
call.write(createStreamRequest(LANE_TABLE, plan.descriptor));
await opened.promise;

const before = usageOf("self");
const startMs = performance.now();
const sizes: number[] = [];
let first = 0;
let inFlight = 0;
let seq = 1;
for (let offset = 0; offset < total / BATCH; offset++) {
  const stamp = { edgeId: "0123456789abcdef0123456789abcdef", bootEpoch: 1, seq: 0, ingestTimeUs: Date.now() * 1000 };
  const rows = readings.map((reading) => {
    stamp.seq = seq++;
    return plan.project(encode(reading, stamp));
  });
  const request = ingestBatchRequest(offset, rows);
  sizes.push(request.length);
  inFlight += request.length;
  const hasRoom = call.write(request);
  for (; first <= Number(acked); first++) inFlight -= sizes[first] ?? 0;
  if (!hasRoom || offset % 2 === 1) await new Promise<void>((resolve) => setImmediate(resolve));
  while (inFlight > MAX_IN_FLIGHT) {
    await changed();
    for (; first <= Number(acked); first++) inFlight -= sizes[first] ?? 0;
  }
}
while (Number(acked) < total / BATCH - 1) await changed();
const seconds = (performance.now() - startMs) / 1000;
const after = usageOf("self");
console.log(JSON.stringify({
  rows: total,
  seconds,
  cpuSeconds: after.cpuSeconds - before.cpuSeconds,
  peakMb: after.peakMb,
}));
call.end();
close();
Deno.exit(0);
