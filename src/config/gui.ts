import { z } from "zod";
import { count, file, flag } from "./keys.ts";

const MAX_NAMES = 100;

/** Where a listener listens. */
export const bind = z.union([z.ipv4(), z.ipv6()], "must be an IP address, such as 127.0.0.1 or 0.0.0.0")
  .default("127.0.0.1");

const tls = z.strictObject({
  enabled: flag(false, "Whether pages are served over TLS."),
  certificate_path: file("Certificate (PEM). Not set: one of its own, renewed by itself."),
  private_key_path: file("Private key of the certificate (PEM)."),
});

const hostName = z.string().regex(/^[A-Za-z0-9_.-]{1,253}$/, "must be the name of a host, without a port");
const address = z.union([z.ipv4(), z.ipv6()], "must be an IP address");

/** The block `gui:`. */
export const gui = z.strictObject({
  enabled: flag(true, "Whether the web listener is open. It answers /health, /health/live, /health/ready and the API."),
  bind: bind.meta({ description: "Address that it listens on.", examples: ["127.0.0.1", "0.0.0.0"] }),
  port: count([1, 8080, 65_535], "Port that it listens on."),
  read_only: flag(
    false,
    "Whether the configuration is changed by files alone: pages and API then show it, and change nothing.",
  ),
  tls: tls.prefault({}).meta({ description: "Encryption of pages and API." }),
  plain_http: flag(
    false,
    "Whether pages and API are answered to other hosts without TLS, where passwords can be read on the way.",
  ),
  allowed_hosts: z.array(hostName).max(MAX_NAMES).default([]).meta({
    description: "Further names by which browsers reach this host, beside its own name, its addresses and localhost.",
    examples: [["edge7.plant.example"]],
  }),
  trusted_proxies: z.array(address).max(MAX_NAMES).default([]).meta({
    description: "Addresses of reverse proxies, which are believed in X-Forwarded-For and X-Forwarded-Proto.",
    examples: [["10.0.0.5"]],
  }),
  session_hours: z.number().min(0.1).max(720).default(12).meta({ description: "How long a login lasts.", unit: "h" }),
});
