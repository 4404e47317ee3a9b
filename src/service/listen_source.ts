/** The messages of a topic filter as they come, and what a source's settings make of them. */
import type { SourceEntry } from "../config/mod.ts";
import { connectWithin } from "../core/connect_within.ts";
import { ConfigError, EdgeError } from "../core/error.ts";
import type { HeardMessage, ListenSession } from "../core/listen.ts";
import type { SourceConfig } from "../core/source.ts";
import { asideOf } from "./aside.ts";
import { atAnyEndpoint } from "./any_endpoint.ts";
import { type Sample, sampleOf } from "./sample_source.ts";
import { type LookError, lookError, type SourceLooks } from "./source_looks.ts";

const CONNECT_MS = 15_000;
/** Rows that are shown of one message. */
const MAX_ROWS = 20;
/** Characters that are shown of a payload, or of what was decoded of it. */
const MAX_CHARACTERS = 8000;

export interface ListenWanted {
  readonly filter: string;
  readonly seconds: number;
  /** Messages. */
  readonly most: number;
}

/** What is told while it listens: where it is connected, each message, and why it ended. */
export type Listened =
  | { readonly kind: "connected"; readonly endpoint: string }
  | ({ readonly kind: "message" } & ShownMessage)
  | { readonly kind: "end"; readonly error: LookError | null };

export interface ShownMessage {
  readonly topic: string;
  /** ISO 8601, when it came. */
  readonly time: string;
  readonly qos: number;
  readonly retained: boolean;
  readonly bytes: number;
  readonly payload: ShownPayload;
  /** In words, where the format has a meaning of its own. */
  readonly decoded: string | null;
  /** The first of them. */
  readonly rows: readonly Sample[];
  readonly row_count: number;
  /** Why no row is made of it, or not all. */
  readonly reason: string | null;
  /** Messages before it that came too fast to be shown. */
  readonly missed: number;
}

/** What the device sent; its first part where `is_cut`. */
export interface ShownPayload {
  readonly format: "json" | "text" | "hex";
  readonly text: string;
  readonly is_cut: boolean;
}

/**
 * Connects with a session of its own, which the broker forgets, and tells what it hears until the time is over. Never
 * throws once it has begun: why it ended is the last that it tells, `too_many_looks` too.
 * @throws {ConfigError} `listen_unsupported`
 */
export async function listenTo(
  entry: SourceEntry,
  wanted: ListenWanted,
  { looks, signal }: { readonly looks: SourceLooks; readonly signal: AbortSignal },
): Promise<AsyncIterable<Listened>> {
  const { listen } = await entry.spec.load();
  if (!listen) {
    const message = `Sources of protocol ${entry.spec.type} send no messages to listen to: browse the device instead`;
    throw new ConfigError("listen_unsupported", message);
  }
  return listened({ entry, wanted, listen, looks, signal });
}

interface Listening {
  readonly entry: SourceEntry;
  readonly wanted: ListenWanted;
  readonly listen: NonNullable<Awaited<ReturnType<SourceEntry["spec"]["load"]>>["listen"]>;
  readonly looks: SourceLooks;
  readonly signal: AbortSignal;
}

async function* listened(listening: Listening): AsyncIterable<Listened> {
  try {
    yield* whileOpen(listening); // its session has ended before the last word is said, whoever still reads
  } catch (error) {
    if (listening.signal.aborted) return;
    if (!(error instanceof EdgeError)) throw error;
    yield { kind: "end", error: lookError(error, listening.entry) };
    return;
  }
  if (!listening.signal.aborted) yield { kind: "end", error: null };
}

async function* whileOpen(listening: Listening): AsyncIterable<Listened> {
  const { entry, wanted, looks } = listening;
  using _turn = looks.turn();
  const ms = wanted.seconds * 1000;
  const signal = AbortSignal.any([listening.signal, AbortSignal.timeout(ms + CONNECT_MS)]);
  const { session, endpoint } = await opened(listening, signal);
  await using hearing = session;
  yield { kind: "connected", endpoint };
  const time = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  const shown = shower(entry);
  let left = wanted.most;
  for await (const message of hearing.messages(wanted.filter, time)) {
    yield { kind: "message", ...shown(message) };
    if (--left === 0) return;
  }
}

async function opened(
  { entry, listen, looks }: Listening,
  signal: AbortSignal,
): Promise<{ readonly session: ListenSession; readonly endpoint: string }> {
  const deps = looks.depsOf(entry, () => {});
  const open = async (config: SourceConfig) => {
    const session = listen(asideOf(entry.spec, config, deps), deps);
    const { endpoint } = config;
    try {
      await connectWithin(session, { endpoint, ms: CONNECT_MS, clock: deps.clock, signal });
      return { session, endpoint };
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  };
  return await atAnyEndpoint([entry.config, ...entry.alternates], open, signal);
}

function shower({ spec, config }: SourceEntry): (message: HeardMessage) => ShownMessage {
  const encode = spec.encoder(config);
  return ({ topic, arrivedUs, qos, isRetained, payload, payloadBytes, decoded, readings, reason, missed }) => ({
    topic,
    time: new Date(arrivedUs / 1000).toISOString(),
    qos,
    retained: isRetained,
    bytes: payloadBytes,
    payload: payloadOf(payload, payload.length < payloadBytes),
    decoded: decoded?.slice(0, MAX_CHARACTERS) ?? null,
    rows: readings.slice(0, MAX_ROWS).map((reading) => sampleOf(spec, encode, reading)),
    row_count: readings.length,
    reason: reason ?? null,
    missed,
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** JSON as it came, other text as text, and bytes that are no text as hex. */
export function payloadOf(payload: Uint8Array, wasCut: boolean): ShownPayload {
  const text = textOf(payload, wasCut);
  const format = text === undefined ? "hex" : isJson(text) ? "json" : "text";
  const whole = text ?? payload.subarray(0, MAX_CHARACTERS / 2).toHex();
  const isCut = wasCut || whole.length > MAX_CHARACTERS || (text === undefined && payload.length > MAX_CHARACTERS / 2);
  return { format, text: whole.slice(0, MAX_CHARACTERS), is_cut: isCut };
}

/** A payload whose end is missing may end within a character. Control characters mean that it is no text. */
function textOf(payload: Uint8Array, wasCut: boolean): string | undefined {
  const whole = wasCut ? payload.subarray(0, payload.findLastIndex((byte) => byte < 0x80) + 1) : payload;
  try {
    const text = utf8.decode(whole);
    // deno-lint-ignore no-control-regex -- those that no text has
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
