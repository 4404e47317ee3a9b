import assert from "node:assert/strict";
import {
  answerTo,
  answerToRaw,
  type ChannelStand,
  nonceFrom,
  openChannel,
  readAll,
  requestLine,
  responseLine,
} from "../../../tests/fakes/channel.ts";
import { FakeClock } from "../../../tests/fakes/clock.ts";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { eventually } from "../../../tests/wait.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Terminal } from "../command.ts";
import type { Request } from "./protocol.ts";
import { Channel } from "./server.ts";

/** Says the words, and ends with 3. */
const echo = ({ words }: Request, { out }: Terminal) => {
  out(words.join(" "));
  return Promise.resolve(3);
};
const ECHOED = '{"out":"a b"}\n{"exit":3}\n';
const askEcho = (stand: ChannelStand) => answerTo(stand, requestLine("a", "b"));

Deno.test("A command with the token is done, and answered in lines that end with its exit code", async () => {
  await using stand = await openChannel(echo);
  assert.equal(await askEcho(stand), ECHOED);
});

const other = (token: string) => token.replace(/^./, (first) => first === "A" ? "B" : "A");
const REFUSED: readonly (readonly [
  what: string,
  sent: (token: string, nonce: string) => string | Uint8Array<ArrayBuffer>,
])[] = [
  ["the proof of another token", (token, nonce) => responseLine(other(token), nonce) + requestLine("a")],
  ["a proof for another nonce", (token, nonce) => responseLine(token, other(nonce)) + requestLine("a")],
  ["the connector's own proof", (token, nonce) => responseLine(token, nonce, "connector") + requestLine("a")],
  ["no proof", () => requestLine("a")],
  [
    "a proof that is cut off",
    (token, nonce) => responseLine(token, nonce).replace(/.("\})$/m, "$1") + requestLine("a"),
  ],
  ["no JSON", (token) => `${token}\n`],
  ["no object", (token) => `["${token}"]\n`],
  ["no UTF-8", () => new Uint8Array([0xff, 0xfe, 10])],
  ["an HTTP request of a browser", (token, nonce) => httpRequest(responseLine(token, nonce) + requestLine("a"))],
  ["a first line that is too long", (token, nonce) => `${" ".repeat(2000)}${responseLine(token, nonce)}`],
  ["nothing but its end", () => "\n"],
];

function httpRequest(body: string): string {
  return `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

for (const [what, sent] of REFUSED) {
  Deno.test(`A connection with ${what} ends without an answer, and the next one is heard`, async () => {
    const heard: Request[] = [];
    await using stand = await openChannel((request, terminal) => {
      heard.push(request);
      return echo(request, terminal);
    });
    assert.equal(await answerToRaw(stand.port, (nonce) => sent(stand.token, nonce)), "");
    assert.deepEqual(heard, []);
    assert.equal(await askEcho(stand), ECHOED);
    assert.deepEqual(stand.log.lines.map(({ level, fields }) => [level, fields]), [
      ["warn", { code: "commands_refused", refused: 1, evicted: 0 }],
    ]);
  });
}

const NO_REQUESTS: readonly (readonly [what: string, line: string])[] = [
  ["words that are no texts", JSON.stringify({ words: [1], flags: {}, isWatched: false })],
  ["flags that are no values", JSON.stringify({ words: ["a"], flags: { a: { b: 1 } }, isWatched: false })],
  ["a line that is too long", JSON.stringify({ words: ["a"], flags: {}, more: "a".repeat(3_000_000) })],
  ["no request", "{}"],
];

for (const [what, line] of NO_REQUESTS) {
  Deno.test(`A proved connection with ${what} ends without an answer, and the next one is heard`, async () => {
    await using stand = await openChannel(echo);
    assert.equal(await answerTo(stand, `${line}\n`), "");
    assert.equal(await askEcho(stand), ECHOED);
  });
}

Deno.test("The connector proves that it knows the token, and says it to nobody", async () => {
  await using stand = await openChannel(echo);
  let nonce = "";
  const answer = await answerToRaw(stand.port, (given) => {
    nonce = given;
    return responseLine(stand.token, nonce) + requestLine("a");
  });
  const { proof } = JSON.parse(responseLine(stand.token, nonce, "connector"));
  assert.equal(answer.split("\n")[0], JSON.stringify({ proof }));
  assert.ok(!answer.includes(stand.token) && nonce !== stand.token);
});

Deno.test("Each connection is challenged anew, so that nothing of another one can be said again", async () => {
  await using stand = await openChannel(echo);
  let earlier = "";
  await answerToRaw(stand.port, (nonce) => earlier = responseLine(stand.token, nonce) + requestLine("a"));
  assert.equal(await answerToRaw(stand.port, () => earlier), "");
});

Deno.test("Connections that are turned away are told of at once, and then once a minute", async () => {
  const clock = new FakeClock();
  await using stand = await openChannel(echo, { clock });
  const told = () => stand.log.lines.map(({ fields: { refused, evicted } }) => [refused, evicted]);
  for (let i = 0; i < 5; i++) await answerToRaw(stand.port, () => "{}\n");
  assert.deepEqual(told(), [[1, 0]]);
  using idle = new DisposableStack();
  for (let i = 0; i < 19; i++) idle.use(await Deno.connect({ hostname: "127.0.0.1", port: stand.port }));
  assert.equal(await askEcho(stand), ECHOED);
  await clock.advance(60_000);
  assert.deepEqual(told()[1]?.[1], 4);
  assert.doesNotMatch(JSON.stringify(stand.log.lines), new RegExp(stand.token));
});

Deno.test("A hundred connections that say nothing keep no command out, and most of them end at once", async () => {
  await using stand = await openChannel(echo, { clock: new FakeClock() });
  using idle = new DisposableStack();
  let ended = 0;
  for (let i = 0; i < 100; i++) {
    const connection = idle.use(await Deno.connect({ hostname: "127.0.0.1", port: stand.port }));
    readAll(connection).then(() => ended++);
  }
  assert.equal(await askEcho(stand), ECHOED);
  await eventually("all but a few have ended", () => ended >= 84);
});

Deno.test("A connection that says nothing ends after some seconds", async () => {
  const clock = new FakeClock();
  await using stand = await openChannel(echo, { clock });
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: stand.port });
  await nonceFrom(connection);
  const answer = readAll(connection);
  await clock.advance(5000);
  assert.equal(await answer, "");
});

Deno.test("A command stops when its other side has gone", async () => {
  const stopped = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  await using stand = await openChannel(async (_request, { stopping }) => {
    stopping.addEventListener("abort", () => stopped.resolve());
    started.resolve();
    await stopped.promise;
    return 1;
  });
  {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: stand.port });
    const nonce = await nonceFrom(connection);
    await connection.write(new TextEncoder().encode(responseLine(stand.token, nonce) + requestLine("a")));
    await started.promise;
  }
  await stopped.promise;
  assert.equal(await askEcho(stand).then((answer) => answer.endsWith('{"exit":1}\n')), true);
});

Deno.test("A ninth command at a time is told to come later", async () => {
  const go = Promise.withResolvers<void>();
  let running = 0;
  await using stand = await openChannel(async () => {
    running++;
    await go.promise;
    return 0;
  });
  const eight = Array.from({ length: 8 }, () => askEcho(stand));
  await eventually("eight run", () => running === 8);
  assert.match(await askEcho(stand), /works on 8 commands already.*\n\{"exit":1\}\n$/);
  go.resolve();
  assert.deepEqual(new Set(await Promise.all(eight)), new Set(['{"exit":0}\n']));
});

Deno.test("A bug in a command is told to its caller and in the log, and the connector goes on", async () => {
  let isBroken = true;
  await using stand = await openChannel((request, terminal) => {
    if (isBroken) throw new TypeError("undefined is not a function");
    return echo(request, terminal);
  });
  assert.match(await askEcho(stand), /^\{"err":"The connector failed at this command: .*\}\n\{"exit":1\}\n$/);
  const [line] = stand.log.lines;
  assert.deepEqual([line?.level, line?.fields.code], ["error", "bug"]);
  assert.match(String(line?.fields.stack), /undefined is not a function\n\s+at /);
  assert.doesNotMatch(JSON.stringify(stand.log.lines), new RegExp(stand.token));
  isBroken = false;
  assert.equal(await askEcho(stand), ECHOED);
});

Deno.test("A connector that stops ends its commands, which can still say how far they came", async () => {
  const started = Promise.withResolvers<void>();
  const stand = await openChannel(async (_request, { stopping, out }) => {
    started.resolve();
    await new Promise<void>((resolve) => stopping.addEventListener("abort", () => resolve()));
    out("half");
    return 1;
  });
  const answer = askEcho(stand);
  await started.promise;
  await stand[Symbol.asyncDispose]();
  assert.equal(await answer, '{"out":"half"}\n{"exit":1}\n');
});

Deno.test("A connector whose commands cannot have a place starts all the same, and warns", async () => {
  const home = await Deno.makeTempDir({ prefix: "channel_" });
  const log = new FakeLogger();
  await Deno.writeTextFile(`${home}/run`, "a file in its place");
  await using channel = Channel.open({ home, clock: systemClock, random: () => 0.5, log, run: echo });
  assert.ok(channel);
  assert.deepEqual(log.lines.map(({ level, fields }) => [level, fields.code]), [["warn", "commands_unavailable"]]);
  await Deno.remove(home, { recursive: true });
});
