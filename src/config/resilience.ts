import { z } from "zod";
import { count, flag, seconds, text } from "./keys.ts";

const reconnect = z.strictObject({
  enabled: flag(true, "Whether a lost source is connected again. Without it, it stays lost until the next start."),
  initial_delay_seconds: seconds(
    [0.01, 1, 3600],
    "Ceiling of the first wait; each wait is a random part of its ceiling.",
  ),
  max_delay_seconds: seconds([0.1, 30, 86_400], "The highest ceiling."),
  backoff_multiplier: z.number().min(1).max(10).default(2).meta({ description: "How fast the ceiling grows." }),
  max_attempts: count([0, 0, 1_000_000], "Failures in a row after which a source is given up; 0: never."),
});

const breaker = z.strictObject({
  enabled: flag(true, "Whether the way to a table rests after failures in a row."),
  failure_threshold: count([1, 5, 1000], "Failures in a row after which it rests."),
  success_threshold: count([1, 2, 1000], "Successes in a row, one batch at a time, after which it is trusted again."),
  timeout_seconds: seconds([0.1, 60, 86_400], "How long it rests."),
});

const atGui = "health is answered at /health of the port of gui";
const healthCheck = z.strictObject({
  enabled: flag(true, "Whether health is answered.", { notInEffect: atGui, happens: true }),
  interval_seconds: seconds([1, 30, 3600], "How often health is looked at.", {
    notInEffect: "every connection is watched all the time, and told of whenever health is asked for",
  }),
  endpoint: text("Another port and path for health.", { notInEffect: atGui, happens: null }),
});

/** The block `resilience:`. */
export const resilience = z.strictObject({
  reconnect: reconnect.prefault({}).meta({ description: "How lost sources are connected again." }),
  circuit_breaker: breaker.prefault({}).meta({ description: "How a sink that is away is left alone." }),
  health_check: healthCheck.prefault({}).meta({ description: "How health is told." }),
}).superRefine(({ reconnect: { initial_delay_seconds, max_delay_seconds } }, context) => {
  if (initial_delay_seconds <= max_delay_seconds) return;
  const message = `must not be below initial_delay_seconds, ${initial_delay_seconds}`;
  context.addIssue({ code: "custom", path: ["reconnect", "max_delay_seconds"], message });
});
