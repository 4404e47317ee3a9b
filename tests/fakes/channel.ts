/** A channel of a pretended connector, and raw connections to it. */
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

/** Sends this as it is. Resolves with all that comes back until the connection ends. */
export async function answerTo(port: number, sent: string | Uint8Array<ArrayBuffer>): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = typeof sent === "string" ? new TextEncoder().encode(sent) : sent;
  const writing = writeAll(connection, bytes).catch(() => {/* it was closed before all was said */});
  const answer = await readAll(connection);
  await writing;
  return answer;
}

/** A request as the command line sends it. */
export function requestLine(token: string, ...words: readonly string[]): string {
  return `${JSON.stringify({ token, words, flags: {}, isWatched: false })}\n`;
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
