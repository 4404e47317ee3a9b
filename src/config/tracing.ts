import { z } from "zod";
import { secretText } from "../core/schema.ts";
import { flag, part } from "./keys.ts";

/** Whether requests to an address with this host stay on this one. */
export function isThisHost(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** RFC 9110, 5.6.2. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** What requests have by themselves. */
const OWN_HEADERS = ["content-type", "content-length", "content-encoding", "host", "user-agent", "transfer-encoding"];

const header = z.strictObject({
  name: z.string().max(128).regex(TOKEN, "must be the name of a header").refine(
    (name) => !OWN_HEADERS.includes(name.toLowerCase()),
    "is a header that requests have by themselves",
  ).meta({ description: "Its name.", examples: ["authorization"] }),
  value: secretText("Its value, such as the key of a service that takes traces."),
});

const endpoint = z.url({ protocol: /^https?$/, error: "must be an http or https address" }).refine(
  (address) => !/^https?:\/\/[^/?#]*@/i.test(address),
  "must not hold a user name: what a collector wants to know goes into headers",
);

const otlp = z.strictObject({
  enabled: flag(true, "Whether traces are sent. Without it their ids are in the log alone."),
  endpoint: endpoint.default("http://localhost:4318").meta({
    description:
      "Collector that takes OTLP over HTTP (protobuf). /v1/traces is put behind it, where it does not end so.",
  }),
  headers: z.array(header).max(20).default([]).meta({ description: "Headers of each request to the collector." }),
}).superRefine(({ endpoint, headers }, context) => {
  const url = URL.parse(endpoint);
  if (headers.length === 0 || url?.protocol !== "http:" || isThisHost(url.hostname)) return;
  const message = "must be an https address where there are headers: others could read them on the way";
  context.addIssue({ code: "custom", path: ["endpoint"], message });
});

/** The block `monitoring.tracing:`. */
export const tracing = z.strictObject({
  enabled: flag(false, "Whether traces are made."),
  service_name: z.string().min(1).max(256).default("databricks-iot-connector").meta({
    description: "Name of the service in traces.",
  }),
  sample_ratio: part(0.01, "Part of the batches and of the calls of the API that is traced."),
  otlp: otlp.prefault({}).meta({ description: "Where traces go." }),
});
