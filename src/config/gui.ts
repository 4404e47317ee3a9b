import { z } from "zod";
import { count, file, flag } from "./keys.ts";

/** Where a listener listens. */
export const bind = z.union([z.ipv4(), z.ipv6()], "must be an IP address, such as 127.0.0.1 or 0.0.0.0")
  .default("127.0.0.1");

const healthOnly = { notInEffect: "only /health is answered, without TLS" };

const tls = z.strictObject({
  enabled: flag(false, "Whether pages are served over TLS."),
  certificate_path: file("Certificate (PEM). Not set: one of its own, renewed by itself."),
  private_key_path: file("Private key of the certificate (PEM)."),
});

/** The block `gui:`. */
export const gui = z.strictObject({
  enabled: flag(true, "Whether the web listener is open. It answers /health, /health/live and /health/ready."),
  bind: bind.meta({ description: "Address that it listens on.", examples: ["127.0.0.1", "0.0.0.0"] }),
  port: count([1, 8080, 65_535], "Port that it listens on."),
  tls: tls.prefault({}).meta({ description: "Encryption of the pages.", ...healthOnly }),
  session_hours: z.number().min(0.1).max(720).default(12).meta({
    description: "How long a login lasts.",
    unit: "h",
    ...healthOnly,
  }),
});
