/** What the configuration's blocks mean to the parts that honour them: seconds become milliseconds, here and nowhere else. */
import type { Config } from "../config/mod.ts";
import type { BackoffOptions } from "../lib/backoff.ts";
import type { BatchLimits, BreakerOptions, DrainLimits, ReconnectOptions } from "../pipeline/mod.ts";

/** Bytes of rows in one send at most: with its framing it stays within what a sink takes in one request. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** Bytes of rows that the spool may have. */
export function maxSpoolBytes({ backpressure }: Config): number {
  return backpressure.disk_spool.max_size_mb * 1024 * 1024;
}

export function batchLimits({ processing }: Config): BatchLimits {
  const { max_size: maxRows, max_wait_seconds } = processing.batch;
  return { maxRows, maxBytes: MAX_BATCH_BYTES, maxWaitMs: max_wait_seconds * 1000 };
}

export function reconnectOptions({ resilience }: Config): ReconnectOptions {
  const { enabled, initial_delay_seconds, max_delay_seconds, backoff_multiplier, max_attempts } = resilience.reconnect;
  return {
    isEnabled: enabled,
    initialMs: initial_delay_seconds * 1000,
    maxMs: max_delay_seconds * 1000,
    multiplier: backoff_multiplier,
    maxAttempts: max_attempts,
  };
}

/** How a lane waits between attempts to reach its sink. */
export function sinkBackoff({ resilience, zerobus }: Config, random: () => number): BackoffOptions {
  const { initial_delay_seconds, max_delay_seconds } = resilience.reconnect;
  return {
    initialMs: initial_delay_seconds * 1000,
    maxMs: max_delay_seconds * 1000,
    multiplier: zerobus.connection.retry_backoff_multiplier,
    random,
  };
}

export function breakerTimes({ resilience, zerobus }: Config): Omit<BreakerOptions, "clock" | "changed"> {
  const { enabled, failure_threshold, success_threshold, timeout_seconds } = resilience.circuit_breaker;
  return {
    isEnabled: enabled,
    failureThreshold: failure_threshold,
    successThreshold: success_threshold,
    openMs: timeout_seconds * 1000,
    probeMs: zerobus.connection.health_check_interval_seconds * 1000,
  };
}

/** A quarter of the grace period is left for closing sessions once nothing moves any more. */
export function drainLimits({ deployment }: Config): DrainLimits {
  const { grace_period_seconds, drain_queue, max_drain_time_seconds } = deployment.shutdown;
  const idleMs = grace_period_seconds * 750;
  return { idleMs, maxMs: drain_queue ? Math.max(idleMs, max_drain_time_seconds * 1000) : idleMs };
}
