import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { eventually } from "../../tests/wait.ts";
import { Connections } from "./connections.ts";

const HALF = "GET / HTTP/1.1\r\nhost: x\r\n";
const WHOLE = `${HALF}\r\n`;
const HALF_BODY = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{";

/** As if connections came from other hosts: `addresses[i]` is where the i-th comes from. */
function cameFrom(listener: Deno.TcpListener, addresses: readonly string[]): Deno.TcpListener {
  let accepted = 0;
  const accept = async () => {
    const connection = await listener.accept();
    return overridden(connection, "remoteAddr", { ...connection.remoteAddr, hostname: addresses[accepted++]! });
  };
  return overridden(listener, "accept", accept);
}

function overridden<T extends object>(target: T, name: string, own: unknown): T {
  return new Proxy(target, {
    get: (_, key) => {
      if (key === name) return own;
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A listener whose answers come with `answer`, and clients that said `text` each, one after the other. */
async function stand(clients: readonly { readonly from: string; readonly says: string }[]) {
  const answer = Promise.withResolvers<void>();
  const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let asked = 0;
  const listener = cameFrom(tcp, clients.map(({ from }) => from));
  const connections = new Connections(listener, {
    fetch: async () => {
      asked++;
      await answer.promise;
      return new Response("here");
    },
    clock: new FakeClock(),
  });
  const open: Deno.TcpConn[] = [];
  for (const { says } of clients) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: tcp.addr.port });
    open.push(connection);
    const before = asked;
    await connection.write(new TextEncoder().encode(says)).catch(() => {/* it made way already */});
    if (says !== HALF) await eventually("it is being answered", () => asked > before);
  }
  return {
    open,
    answer: answer.resolve,
    [Symbol.dispose]: () => {
      answer.resolve();
      connections[Symbol.dispose]();
      for (const each of open) each.close();
    },
  };
}

function many(count: number, from: (index: number) => string, says: string) {
  return Array.from({ length: count }, (_, index) => ({ from: from(index), says }));
}

/** What comes until the end; "" for one that made way. */
async function heard(connection: Deno.TcpConn): Promise<string> {
  const bytes = new Uint8Array(1000);
  let text = "";
  while (true) {
    const length = await connection.read(bytes).catch(() => null);
    if (length === null) return text;
    text += new TextDecoder().decode(bytes.subarray(0, length));
  }
}

Deno.test("Connections ends those of the host that holds most, and lets others finish what they began", async () => {
  using it = await stand([{ from: "10.0.0.1", says: HALF }, ...many(300, () => "10.0.0.2", HALF), {
    from: "10.0.0.3",
    says: WHOLE,
  }]);
  await it.open[0]!.write(new TextEncoder().encode("\r\n"));
  it.answer();
  for (const client of [it.open[0]!, it.open[301]!]) assert.match(await heard(client), /here$/);
});

Deno.test("Connections ends no answer for a host that has its share, whatever the host waits for", async () => {
  using it = await stand([{ from: "10.0.0.1", says: WHOLE }, ...many(270, () => "10.0.0.2", WHOLE)]);
  it.answer();
  assert.match(await heard(it.open[0]!), /here$/);
  assert.equal(await heard(it.open[1]!), "");
});

Deno.test("Connections takes a network of 64 bits for one host", async () => {
  const neighbour = (index: number) => `2001:db8:0:1::${index.toString(16)}`;
  using it = await stand([{ from: "10.0.0.1", says: WHOLE }, ...many(270, neighbour, WHOLE)]);
  it.answer();
  assert.match(await heard(it.open[0]!), /here$/);
});

Deno.test("Connections ends a request whose body does not end before one that is being answered", async () => {
  const others = many(246, (index) => `10.0.1.${index % 28}`, HALF_BODY);
  using it = await stand([...many(10, () => "10.0.0.1", WHOLE), ...others, { from: "10.0.0.9", says: WHOLE }]);
  it.answer();
  assert.match(await heard(it.open[0]!), /here$/);
  assert.equal(await heard(it.open[10]!), "");
});

Deno.test("Connections ends a body that is still to come after 10 seconds, unless who answers lets it take its time", async () => {
  for (const isLong of [false, true]) {
    const clock = new FakeClock();
    const asked = Promise.withResolvers<void>();
    const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using _connections = new Connections(tcp, {
      fetch: async (request, { takesItsTime }) => {
        if (isLong) takesItsTime?.();
        asked.resolve();
        return new Response(`got ${(await request.text()).length}`);
      },
      clock,
    });
    using client = await Deno.connect({ hostname: "127.0.0.1", port: tcp.addr.port });
    const say = (text: string) => client.write(new TextEncoder().encode(text)).catch(() => {/* it was ended */});
    await say("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\na");
    await asked.promise;
    await clock.advance(200_000);
    await say("bc");
    assert.equal((await heard(client)).includes("got 3"), isLong);
  }
});

Deno.test("Connections sends a file as it is read, with its length, and stops reading it for a client that is gone", async () => {
  const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let read = 0;
  let isOver = false;
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(++read && 65_536)),
      cancel: () => void (isOver = true),
    }, { highWaterMark: 0 });
  using _connections = new Connections(tcp, {
    fetch: () => new Response(body(), { headers: { "content-length": String(2 ** 40) } }),
    clock: new FakeClock(),
  });
  const client = await Deno.connect({ hostname: "127.0.0.1", port: tcp.addr.port });
  await client.write(new TextEncoder().encode(WHOLE));
  const bytes = new Uint8Array(1000);
  const head = new TextDecoder().decode(bytes.subarray(0, await client.read(bytes) ?? 0));
  client.close();
  assert.match(head, /content-length: 1099511627776/i);
  await eventually("it is not read any more", () => isOver);
  assert.ok(read < 1000, String(read));
});

Deno.test("Connections tries until the listener that is to take another's place is open, and ends nobody meanwhile", async () => {
  const clock = new FakeClock();
  const answer = Promise.withResolvers<void>();
  const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using connections = new Connections(tcp, { fetch: () => answer.promise.then(() => new Response("here")), clock });
  const { port } = tcp.addr;
  using held = await Deno.connect({ hostname: "127.0.0.1", port });
  await held.write(new TextEncoder().encode(WHOLE));
  let isFree = false;
  const open = () => {
    if (!isFree) throw new Deno.errors.AddrInUse("taken");
    return Deno.listen({ hostname: "127.0.0.1", port });
  };
  const told: unknown[] = [];
  const changed = connections.change(open, (error) => told.push(error));
  await eventually("it is told that this takes its time", () => told.length > 0);
  await clock.advance(1000);
  isFree = true;
  await clock.advance(1000);
  await changed;
  using next = await Deno.connect({ hostname: "127.0.0.1", port });
  await next.write(new TextEncoder().encode(WHOLE));
  answer.resolve();
  for (const each of [held, next]) assert.match(await heard(each), /here/);
  assert.equal(told.length, 1);
});
