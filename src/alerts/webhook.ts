import { createHmac } from "node:crypto";
import { ConfigError, ConnectionError, EdgeError, reasonOf } from "../core/error.ts";
import type { Secret } from "../lib/secret.ts";
import type { Destination, Notice } from "./notice.ts";

export interface WebhookOptions {
  /** Where the request goes. */
  readonly url: Secret;
  readonly method: "POST" | "PUT";
  /** What requests are signed with. */
  readonly secret: Secret | null;
  readonly clock: { nowUs(): number };
  readonly userAgent: string;
  /** The way out to a host: roots and proxy. */
  clientFor(host: string): Deno.HttpClient;
}

const ANSWER_MS = 15_000;

/**
 * An HTTP request per alert. With a secret it is signed: `x-signature` is `sha256=` and the HMAC-SHA-256, hexadecimal, of
 * `x-timestamp` (Unix seconds), a full stop and the body. Redirects are not followed.
 */
export function webhookTo(options: WebhookOptions): Destination {
  const { method } = options;
  return {
    name: placeOf(options.url),
    type: "webhook",
    async send(notice, signal) {
      const url = options.url.reveal();
      const { origin, hostname } = addressIn(url);
      const client = options.clientFor(hostname);
      const body = JSON.stringify(notice);
      const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
      const headers = headersFor(notice, body, options);
      const init = { method, headers, body, client, signal: limit, redirect: "manual" as const };
      const answer = await fetch(url, init).catch((error) => {
        if (signal.aborted) throw signal.reason;
        throw new ConnectionError("webhook_unreachable", `Cannot reach ${origin}: ${rootReason(error, url)}`);
      });
      await answer.body?.cancel();
      if (answer.ok) return;
      const message =
        `${origin} answers an alert with status ${answer.status}: check url, method and secret of the webhook`;
      throw new ConnectionError("webhook_refused", message);
    },
  };
}

/** What is shown of it. One that stands in a store may not be known yet. */
function placeOf(url: Secret): string {
  try {
    return addressIn(url.reveal()).origin;
  } catch (error) {
    if (error instanceof EdgeError) return "webhook";
    throw error;
  }
}

function addressIn(url: string): URL {
  const address = URL.parse(url);
  if (address && /^https?:$/.test(address.protocol)) return address;
  throw new ConfigError("webhook_url_unfit", "The url of a webhook is no http or https address: write another one");
}

function headersFor(notice: Notice, body: string, { secret, clock, userAgent }: WebhookOptions): Headers {
  const timestamp = String(Math.floor(clock.nowUs() / 1e6));
  const headers = new Headers({
    "content-type": "application/json",
    "user-agent": userAgent,
    "x-timestamp": timestamp,
    // The same for every try of one notice, so that a receiver can tell a repetition.
    "x-alert-id": `${notice.id}-${notice.status}-${Date.parse(notice.time)}`,
  });
  if (secret && !secret.isEmpty) headers.set("x-signature", `sha256=${signatureOf(secret, timestamp, body)}`);
  return headers;
}

/** Of what a receiver checks. */
export function signatureOf(secret: Secret, timestamp: string, body: string): string {
  return createHmac("sha256", secret.reveal()).update(`${timestamp}.${body}`).digest("hex");
}

/** Paths of webhooks are often secrets themselves: the address does not get into the text. */
function rootReason(error: unknown, url: string): string {
  if (error instanceof Error && error.cause !== undefined) return rootReason(error.cause, url);
  return reasonOf(error).replaceAll(url, "it").replace(/ for url \(.*?\)/, "");
}
