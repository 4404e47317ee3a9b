/** A channel of a pretended connector, and raw connections to it. */
import { createHmac } from "node:crypto";
import { Channel, type ChannelOptions } from "../../src/cli/channel/server.ts";
import { findPost } from "../../src/cli/channel/token.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { FakeLogger } from "./logger.ts";

export interface ChannelStand extends AsyncDisposable {
  readonly home: string;
  readonly port: number;
  readonly token: string;
  readonly log: FakeLogger;
}

/** A channel in a home of its own, whose commands do what `run` does. */
export async function openChannel(
  run: ChannelOptions["run"],
  overrides: Partial<ChannelOptions> = {},
): Promise<ChannelStand> {
  const stack = new AsyncDisposableStack();
  const home = await Deno.makeTempDir({ prefix: "channel_" });
  stack.defer(() => Deno.remove(home, { recursive: true }));
  const log = new FakeLogger();
  stack.use(Channel.open({ home, clock: systemClock, random: () => 0.5, log, run, ...overrides }));
  const post = findPost(home);
  if (!post) throw new Error("the channel did not open");
  const { port, token } = post;
  return { home, port, token: token.reveal(), log, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Where a channel listens, and what proves that somebody may speak to it. */
export type Listening = Pick<ChannelStand, "port" | "token">;

/** Sends a request in a connection that was proved. Resolves with all that comes back after that until it ends. */
export async function answerTo(stand: Listening, request: string): Promise<string> {
  return await answerToRaw(stand.port, (nonce) => `${responseLine(stand.token, nonce)}${request}`, 2);
}

/** Sends what is made of the connector's nonce. Resolves with what comes back until the end, without the first lines. */
export async function answerToRaw(
  port: number,
  sent: (nonce: string) => string | Uint8Array<ArrayBuffer>,
  passedLines = 1,
): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const text = sent(await nonceFrom(connection));
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const writing = writeAll(connection, bytes).catch(() => {/* it was closed before all was said */});
  const answer = await readAll(connection);
  await writing;
  return answer.split("\n").slice(passedLines - 1).join("\n");
}

/** The nonce that the connector begins with. */
export async function nonceFrom(connection: Deno.Conn): Promise<string> {
  const bytes = new Uint8Array(1024);
  const length = await connection.read(bytes) ?? 0;
  return JSON.parse(new TextDecoder().decode(bytes.subarray(0, length))).nonce;
}

/** What a command answers to it. `side`: for whom the proof is. */
export function responseLine(token: string, connector: string, side = "command"): string {
  const nonce = "N".repeat(43);
  const proof = createHmac("sha256", token).update(`${side}\n${nonce}\n${connector}`).digest("base64url");
  return `${JSON.stringify({ nonce, proof })}\n`;
}

/** A request as the command line sends it. */
export function requestLine(...words: readonly string[]): string {
  return `${JSON.stringify({ words, flags: {}, isWatched: false })}\n`;
}

/** A connection that was reset says nothing more either. */
export async function readAll(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const bytes = new Uint8Array(65_536);
  while (true) {
    const length = await connection.read(bytes).catch(() => null);
    if (length === null) return text;
    text += decoder.decode(bytes.subarray(0, length), { stream: true });
  }
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
