import type { TransferSubscriptionsResponse } from "node-opcua-client";
import { statusIn } from "./errors.ts";
import type { RawSession } from "./session.ts";
import type { OpcuaSettings } from "./settings.ts";

/** What the server agreed to. */
export interface Agreed {
  readonly subscriptionId: number;
  /** After so long without a change the server says that it is still there. */
  readonly keepAliveMs: number;
  /** The longest that the server is silent while all is well, with the time that an answer may take. */
  readonly silenceMs: number;
}

/** Creates the subscription (OPC UA Part 4, 5.14.2). @throws what the library throws */
export async function createSubscription(session: RawSession, settings: OpcuaSettings): Promise<Agreed> {
  const wanted = settings.subscription;
  const answer = await session.createSubscription({
    requestedPublishingInterval: wanted.publishing_interval_ms,
    requestedLifetimeCount: wanted.lifetime_count,
    requestedMaxKeepAliveCount: wanted.max_keep_alive_count,
    maxNotificationsPerPublish: wanted.max_notifications_per_publish,
    publishingEnabled: true,
    priority: wanted.priority,
  });
  const keepAliveMs = answer.revisedPublishingInterval * answer.revisedMaxKeepAliveCount;
  return {
    subscriptionId: answer.subscriptionId,
    keepAliveMs,
    silenceMs: keepAliveMs + settings.transaction_timeout_seconds * 1000,
  };
}

/** A server that only answers reads says so with one of these. */
const NO_SUBSCRIPTIONS = new Set(["BadServiceUnsupported", "BadNotSupported", "BadNotImplemented"]);

/** Whether the server said that it has no subscriptions. */
export function hasNoSubscriptions(error: unknown): boolean {
  return NO_SUBSCRIPTIONS.has(statusIn(error) ?? "");
}

/**
 * Brings a subscription of an earlier session of ours into this one (OPC UA Part 4, 5.14.7).
 * @throws when the server no longer has it
 */
export async function transferSubscription(session: RawSession, subscriptionId: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<TransferSubscriptionsResponse>();
  const request = { subscriptionIds: [subscriptionId], sendInitialValues: true };
  session.transferSubscriptions(request, (error, response) => response ? resolve(response) : reject(error));
  const status = (await promise).results?.[0]?.statusCode;
  if (!status || status.isNotGood()) throw new Error(status?.name ?? "no answer");
}
