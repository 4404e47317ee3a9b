import { abortable } from "../../lib/condition.ts";
import { EXIT, type Terminal } from "../command.ts";
import { printableLines } from "../printable.ts";
import { Lines } from "./lines.ts";
import { MAX_ANSWER_BYTES, parseAnswer, type Request } from "./protocol.ts";
import { findPost } from "./token.ts";

/** What is asked of the connector, without what the channel itself adds. */
export type Question = Omit<Request, "token" | "input"> & { readonly takesInput: boolean };

const utf8 = new TextEncoder();

/**
 * Lets the connector that runs in this home do what the question says. Resolves with the exit code, or with undefined when
 * no connector takes commands there.
 * @throws {ConfigError} for a link on the way to the token
 */
export async function askConnector(
  home: string,
  { takesInput, ...question }: Question,
  terminal: Terminal,
): Promise<number | undefined> {
  const post = findPost(home);
  const connection = post && await connect(post.port);
  if (!connection) return undefined;
  using _open = closing(connection);
  const input = takesInput ? { input: await terminal.readInput() } : {};
  const request: Request = { token: post.token.reveal(), ...question, ...input };
  const { stopping, killed } = terminal;
  const stop = () => void connection.closeWrite().catch(() => {/* it ended by itself */});
  stopping.addEventListener("abort", stop, { once: true });
  try {
    await writeAll(connection, utf8.encode(`${JSON.stringify(request)}\n`));
    if (stopping.aborted) stop();
    return await abortable(show(connection, terminal), killed);
  } catch {
    return broken(terminal);
  } finally {
    stopping.removeEventListener("abort", stop);
  }
}

/** Shows what the connector answers, to the exit code. */
async function show(connection: Deno.TcpConn, terminal: Terminal): Promise<number> {
  const lines = new Lines(connection, MAX_ANSWER_BYTES);
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    const answer = parseAnswer(line);
    if (!answer) break;
    if ("exit" in answer) return answer.exit;
    if ("out" in answer) terminal.out(printableLines(answer.out));
    else if ("err" in answer) terminal.err(printableLines(answer.err));
    else terminal.progress(answer.progress);
  }
  return broken(terminal);
}

function broken({ err, killed }: Terminal): number {
  const advice = "it has stopped, or its log says more";
  if (!killed.aborted) err(`The running connector ended the connection before the command was done: ${advice}\n`);
  return EXIT.failed;
}

async function connect(port: number): Promise<Deno.TcpConn | undefined> {
  try {
    return await Deno.connect({ hostname: "127.0.0.1", port });
  } catch {
    return undefined; // it stops just now: opening the spool says why that cannot be, if so
  }
}

function closing(connection: Deno.TcpConn): Disposable {
  return {
    [Symbol.dispose]: () => {
      try {
        connection.close();
      } catch {
        // it was closed with the other side
      }
    },
  };
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
