import { abortable } from "../../lib/condition.ts";
import { EXIT, type Terminal } from "../command.ts";
import { printableLines } from "../printable.ts";
import { Lines } from "./lines.ts";
import { close } from "./lobby.ts";
import { isSameProof, newNonce, proofOf } from "./proof.ts";
import {
  MAX_ANSWER_BYTES,
  MAX_PROOF_BYTES,
  parseAnswer,
  parseChallenge,
  parseProven,
  type Request,
} from "./protocol.ts";
import { findPost, type Post } from "./token.ts";
import { writeLine } from "./write_line.ts";

/** What is asked of the connector, without what the channel itself adds. */
export type Question = Omit<Request, "input"> & { readonly takesInput: boolean };

/** How long the connector may take to prove that it is one. */
const PROOF_MS = 10_000;

/**
 * Lets the connector that runs in this home do what the question says. Resolves with the exit code, or with undefined when
 * no connector takes commands there.
 * @throws {ConfigError} for a link on the way to the token
 */
export async function askConnector(home: string, question: Question, terminal: Terminal): Promise<number | undefined> {
  const post = findPost(home);
  const connection = post && await connect(post.port);
  if (!connection) return undefined;
  using _open = { [Symbol.dispose]: () => close(connection) };
  const lines = new Lines(connection);
  const isConnector = await abortable(isProved({ post, lines, connection }, terminal), terminal.killed)
    .catch(() => false); // it ended the connection, or the command is to end at once
  return isConnector ? await ask(question, { lines, connection }, terminal) : unproved(post, terminal);
}

interface Line {
  readonly lines: Lines;
  readonly connection: Deno.TcpConn;
}

/** Proves to the other side that this one knows the token. Says whether the other side has proved the same. */
async function isProved({ post, lines, connection }: Line & { readonly post: Post }, { clock }: Terminal) {
  const done = new AbortController();
  clock.sleep(PROOF_MS, done.signal).then(() => close(connection), () => {/* it was in time */});
  try {
    const challenge = parseChallenge(await lines.next(MAX_PROOF_BYTES) ?? "");
    if (!challenge) return false;
    const nonces = { command: newNonce(), connector: challenge.nonce };
    await writeLine(connection, { nonce: nonces.command, proof: proofOf(post.token, "command", nonces) });
    const { proof = "" } = parseProven(await lines.next(MAX_PROOF_BYTES) ?? "") ?? {};
    return isSameProof(proof, proofOf(post.token, "connector", nonces));
  } finally {
    done.abort();
  }
}

async function ask({ takesInput, ...question }: Question, line: Line, terminal: Terminal): Promise<number> {
  const input = takesInput ? { input: await terminal.readInput() } : {};
  const request: Request = { ...question, ...input };
  const { stopping, killed } = terminal;
  const stop = () => void line.connection.closeWrite().catch(() => {/* it ended by itself */});
  stopping.addEventListener("abort", stop, { once: true });
  try {
    await writeLine(line.connection, request);
    if (stopping.aborted) stop();
    return await abortable(show(line.lines, terminal), killed);
  } catch {
    return broken(terminal);
  } finally {
    stopping.removeEventListener("abort", stop);
  }
}

/** Shows what the connector answers, to the exit code. */
async function show(lines: Lines, terminal: Terminal): Promise<number> {
  const next = () => lines.next(MAX_ANSWER_BYTES);
  for (let line = await next(); line !== undefined; line = await next()) {
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

function unproved({ port }: Post, { err, killed }: Terminal): number {
  const advice = "Nothing was said to it. Try again and, if it is so again, look which program has that port";
  const message = `What listens on 127.0.0.1:${port} did not prove that it is the connector of this home directory`;
  if (!killed.aborted) err(`${message}. ${advice}\n`);
  return EXIT.failed;
}

async function connect(port: number): Promise<Deno.TcpConn | undefined> {
  try {
    return await Deno.connect({ hostname: "127.0.0.1", port });
  } catch {
    return undefined; // it stops just now: opening the spool says why that cannot be, if so
  }
}
