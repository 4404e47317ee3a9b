import assert from "node:assert/strict";
import { once } from "node:events";
import { X509Certificate } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { eventually } from "../../tests/wait.ts";
import { ownCertificate } from "../security/mod.ts";
import { listen } from "../web/mod.ts";
import { watchListenerCertificate } from "./listener_certificate.ts";

const DAY_MS = 86_400_000;
const LOOK_MS = 600_000;

Deno.test("watchListenerCertificate() has the listener show a new certificate each time its own ends soon, for two years, and drops no connection", async () => {
  await using home = await tempHome();
  let nowMs = Date.now();
  const read = () => ownCertificate({ home: home.path, hosts: ["localhost", "127.0.0.1"], nowMs });
  const clock = new FakeClock();
  const shown = await read();
  const answer = Promise.withResolvers<Response>();
  const fetch = (request: Request) => request.url.endsWith("/slow") ? answer.promise : new Response("here");
  const still = new FakeClock(); // so that the limits of a connection do not end it
  await using listener = listen(fetch, { bind: "127.0.0.1", port: 0, setting: "gui", clock: still, tls: shown });
  const { port } = listener.address;
  await using _watch = watchListenerCertificate({ shown, read, listener, clock, log: new FakeLogger() });
  const slow = await socketTo(port, "/slow");
  const seen = [await shownBy(port)];
  for (let year = 1; year <= 2; year++) {
    nowMs += 368 * DAY_MS; // of 397
    await clock.advance(LOOK_MS);
    await eventually("a new one is shown", async () => !seen.includes(await shownBy(port)));
    seen.push(await shownBy(port));
  }
  assert.ok(Date.parse(new X509Certificate(seen.at(-1)!).validTo) - nowMs > 30 * DAY_MS);
  answer.resolve(new Response("late"));
  let text = "";
  slow.on("data", (part) => text += part);
  await eventually("what was connected is answered", () => text.includes("late"));
  slow.destroy();
});

Deno.test("watchListenerCertificate() goes on with the former certificate while the files cannot be used, and says so", async () => {
  await using home = await tempHome();
  const shown = await ownCertificate({ home: home.path, hosts: ["localhost"], nowMs: Date.now() });
  const clock = new FakeClock();
  const log = new FakeLogger();
  const tls = { bind: "127.0.0.1", port: 0, setting: "gui", clock, tls: shown };
  await using listener = listen(() => new Response("here"), tls);
  const read = () => Promise.resolve({ certificate: "torn", privateKey: shown.privateKey });
  await using _watch = watchListenerCertificate({ shown, read, listener, clock, log });
  await clock.advance(LOOK_MS);
  await eventually(
    "it is said",
    () => log.lines.some(({ message }) => message.includes("goes on with its former certificate: Cannot listen")),
  );
  assert.equal(await shownBy(listener.address.port), new X509Certificate(shown.certificate).toString());
});

async function socketTo(port: number, path: string): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  return socket;
}

/** The certificate that the listener shows, PEM; none while it cannot be reached. */
async function shownBy(port: number): Promise<string> {
  try {
    const socket = await socketTo(port, "/");
    const { raw } = socket.getPeerCertificate();
    socket.destroy();
    return new X509Certificate(raw).toString();
  } catch {
    return "none";
  }
}
