import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { type ChannelStand, openChannel, readAll } from "../../../tests/fakes/channel.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { type RunOptions, terminalOf } from "../../../tests/fakes/terminal.ts";
import { eventually } from "../../../tests/wait.ts";
import type { Terminal } from "../command.ts";
import { askConnector, type Question } from "./client.ts";
import type { Request } from "./protocol.ts";

const QUESTION: Question = { words: ["a"], flags: {}, isWatched: false, takesInput: false };

async function ask({ home }: Pick<ChannelStand, "home">, question: Partial<Question> = {}, options: RunOptions = {}) {
  const { terminal, written } = terminalOf(options);
  const code = await askConnector(home, { ...QUESTION, ...question }, terminal);
  return { code, ...written() };
}

/** A connector whose commands write this. */
const saying = (write: (terminal: Terminal) => void) =>
  openChannel((_request, terminal) => {
    write(terminal);
    return Promise.resolve(0);
  });

Deno.test("A command's words, flags and input reach the connector as they are", async () => {
  const heard: Request[] = [];
  let input = "";
  await using stand = await openChannel(async (request, { readInput }) => {
    heard.push(request);
    input = await readInput();
    return 0;
  });
  const flags = { all: true, limit: "5", set: ["a=\u0000ü", "b=\n"] };
  const { code } = await ask(stand, { words: ["dlq", "Ö \n"], flags, takesInput: true }, { input: "päss\n" });
  assert.equal(code, 0);
  assert.deepEqual([heard[0]?.words, heard[0]?.flags, input], [["dlq", "Ö \n"], flags, "päss\n"]);
});

Deno.test("A command whose input is not wanted does not send it, and the connector cannot ask for it", async () => {
  const refusal = Promise.withResolvers<string>();
  await using stand = await openChannel(async ({ input }, { readInput }) => {
    assert.equal(input, undefined);
    await readInput().catch((error) => refusal.resolve(String(error)));
    return 0;
  });
  await ask(stand, {}, { input: "secret" });
  assert.match(await refusal.promise, /sent nothing of its standard input/);
});

Deno.test("Output of any length arrives whole and in order, on the stream that it is for", async () => {
  const long = "x🙂".repeat(150_000);
  await using stand = await saying(({ out, err }) => {
    out(long);
    err("trouble\n");
    out("\nend\n");
  });
  assert.deepEqual(await ask(stand), { code: 0, out: `${long}\nend\n`, err: "trouble\n" });
});

Deno.test("No piece of output ends between the halves of a character", async () => {
  await using stand = await saying(({ out }) => out(`x${"🙂".repeat(100_000)}`));
  const pieces: string[] = [];
  await askConnector(stand.home, QUESTION, { ...terminalOf({}).terminal, out: (text) => void pieces.push(text) });
  assert.ok(pieces.length > 1);
  assert.ok(pieces.every((piece) => piece.isWellFormed()));
});

Deno.test("Nothing that the connector answers steers the terminal", async () => {
  await using stand = await saying(({ out, err }) => {
    out("a\u001b[2J\n");
    err("b\u009b2J\u202e\n");
  });
  assert.deepEqual(await ask(stand), { code: 0, out: "a\ufffd[2J\n", err: "b\ufffd2J\ufffd\n" });
});

Deno.test("Progress is told where somebody watches, and nowhere else", async () => {
  await using stand = await saying(({ progress }) => progress({ done: 1, of: 2, unit: "rows" }));
  for (const isWatched of [true, false]) {
    const told: unknown[] = [];
    await ask(stand, { isWatched }, { onProgress: (at) => void told.push(at) });
    assert.deepEqual(told, isWatched ? [{ done: 1, of: 2, unit: "rows" }] : []);
  }
});

Deno.test("Progress is told ten times a second at most", async () => {
  await using stand = await saying(({ progress }) => {
    for (let done = 0; done < 1000; done++) progress({ done, of: 1000, unit: "rows" });
  });
  let count = 0;
  await ask(stand, { isWatched: true }, { onProgress: () => void count++ });
  assert.ok(count >= 1 && count < 100, `${count} times`);
});

Deno.test("Who writes much waits for a reader that is slow", async () => {
  let [written, most] = [0, 0];
  const text = "a".repeat(100_000);
  await using stand = await openChannel(async (_request, { out, hasRoom }) => {
    for (let i = 0; i < 500; i++) {
      out(text);
      written += text.length;
      await hasRoom();
    }
    return 0;
  });
  let read = 0;
  const { terminal } = terminalOf({});
  const code = await askConnector(stand.home, QUESTION, {
    ...terminal,
    out: (part) => {
      read += part.length;
      most = Math.max(most, written - read);
    },
  });
  assert.deepEqual([code, read], [0, 500 * text.length]);
  assert.ok(most < 20e6, `${most} characters were ahead of the reader`);
});

Deno.test("Ctrl-C stops the command in the connector, and shows what it still says", async () => {
  const started = Promise.withResolvers<void>();
  await using stand = await openChannel(async (_request, { stopping, err }) => {
    started.resolve();
    await new Promise<void>((resolve) => stopping.addEventListener("abort", () => resolve()));
    err("told to stop\n");
    return 1;
  });
  const stop = new AbortController();
  const answer = ask(stand, {}, { stopping: stop.signal });
  await started.promise;
  stop.abort();
  assert.deepEqual(await answer, { code: 1, out: "", err: "told to stop\n" });
});

Deno.test("A second Ctrl-C leaves a command that does not stop", async () => {
  const started = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await using stand = await openChannel(async () => {
    started.resolve();
    await go.promise;
    return 0;
  });
  const [stop, kill] = [new AbortController(), new AbortController()];
  const answer = ask(stand, {}, { stopping: stop.signal, killed: kill.signal });
  await started.promise;
  stop.abort();
  kill.abort();
  assert.deepEqual(await answer, { code: 1, out: "", err: "" });
  go.resolve();
});

/** A home whose token somebody holds, and whose port is one that answers each connection so. Collects what is said to it. */
async function impostor(answer: (connection: Deno.Conn) => Promise<void>) {
  const home = await Deno.makeTempDir({ prefix: "channel_" });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await Deno.mkdir(`${home}/run`);
  await Deno.writeTextFile(`${home}/run/cli.token`, JSON.stringify({ port: listener.addr.port, token: TOKEN }));
  const held = await Deno.open(`${home}/run/cli.token`);
  assert.ok(held.tryLockSync(true));
  const heard = listener.accept().then(async (connection) => {
    using _open = connection;
    await answer(connection);
    return await readAll(connection);
  });
  const dispose = async () => {
    held.close();
    listener.close();
    await Deno.remove(home, { recursive: true });
  };
  return { home, heard, [Symbol.asyncDispose]: dispose };
}

const TOKEN = "T".repeat(43);
const NONCE = "n".repeat(43);
const say = async (connection: Deno.Conn, line: string) => {
  await connection.write(new TextEncoder().encode(`${line}\n`));
};
const IMPOSTORS: readonly (readonly [what: string, answer: (connection: Deno.Conn) => Promise<void>])[] = [
  ["ends the connection", async (connection) => await connection.closeWrite()],
  ["says what is no challenge", (connection) => say(connection, "SSH-2.0-OpenSSH_9.2")],
  ["says a proof that is none", async (connection) => {
    await say(connection, JSON.stringify({ nonce: NONCE }));
    await say(connection, JSON.stringify({ proof: NONCE }));
  }],
  ["says the command's own proof again", async (connection) => {
    await say(connection, JSON.stringify({ nonce: NONCE }));
    const bytes = new Uint8Array(1024);
    const length = await connection.read(bytes) ?? 0;
    await connection.write(bytes.subarray(0, length));
  }],
];

for (const [what, answer] of IMPOSTORS) {
  Deno.test(`A program at the connector's port that ${what} learns neither token nor passphrase`, async () => {
    await using stand = await impostor(answer);
    const { terminal, written } = terminalOf({});
    const readInput = () => Promise.reject(new Error("it was read"));
    const code = await askConnector(stand.home, { ...QUESTION, words: ["secret"], takesInput: true }, {
      ...terminal,
      readInput,
    });
    assert.equal(code, 1);
    assert.match(written().err, /^What listens on 127\.0\.0\.1:\d+ did not prove that it is the connector .+\n$/);
    assert.doesNotMatch(await stand.heard, new RegExp(`${TOKEN}|secret`));
  });
}

Deno.test("A command does not wait for long for a program that says nothing", async () => {
  await using stand = await impostor(() => Promise.resolve());
  const clock = new FakeClock();
  const { terminal } = terminalOf({});
  const code = askConnector(stand.home, QUESTION, { ...terminal, clock });
  await eventually("its time runs", () => clock.sleeping > 0);
  await clock.advance(10_000);
  assert.deepEqual([await code, await stand.heard], [1, ""]);
});

Deno.test("A connector that goes away in the middle is told as such", async () => {
  await using stand = await impostor(async (connection) => {
    await say(connection, JSON.stringify({ nonce: NONCE }));
    const bytes = new Uint8Array(1024);
    const { nonce } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, await connection.read(bytes) ?? 0)));
    const proof = createHmac("sha256", TOKEN).update(`connector\n${nonce}\n${NONCE}`).digest("base64url");
    await say(connection, JSON.stringify({ proof }));
    await connection.read(bytes);
    await connection.closeWrite();
  });
  const { code, err } = await ask(stand);
  assert.equal(code, 1);
  assert.match(err, /^The running connector ended the connection before the command was done: .+\n$/);
});

Deno.test("Where no connector takes commands there is no answer, and nothing of the input is read", async () => {
  const home = await Deno.makeTempDir({ prefix: "channel_" });
  const { terminal } = terminalOf({});
  const readInput = () => Promise.reject(new Error("it was read"));
  assert.equal(await askConnector(home, { ...QUESTION, takesInput: true }, { ...terminal, readInput }), undefined);
  await Deno.remove(home, { recursive: true });
});
