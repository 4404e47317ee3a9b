/** Alerts are told by mail, to a server by others, and by HTTP, to one that checks the signature by itself. */
import assert from "node:assert/strict";
import { emailTo, webhookTo } from "../../src/alerts/mod.ts";
import type { Notice } from "../../src/alerts/notice.ts";
import { Secret } from "../../src/lib/secret.ts";
import { FakeClock } from "../fakes/clock.ts";
import { tempHome } from "../fakes/temp_home.ts";
import { TestAuthority } from "../peers/certificates.ts";
import { freePort, PeerProcess } from "../peers/process.ts";
import { provision, PYTHON } from "../peers/provision.ts";

const SIGNAL = AbortSignal.timeout(60_000);
const NOTICE: Notice = {
  id: "0123456789abcdef",
  status: "firing",
  rule: "source_down",
  subject: "Presse Süd\r\nBcc: someone@example.com",
  severity: "critical",
  condition: "source_up == 0",
  advice: "Look at its cable.",
  time: "2026-03-01T12:00:00.000Z",
  connector: "press-hall",
  version: "1.2.3",
};

async function smtpStand() {
  await provision();
  const stack = new AsyncDisposableStack();
  const home = stack.use(await tempHome());
  const authority = await TestAuthority.create();
  const { certificate, privateKey } = await authority.issue({ hosts: ["127.0.0.1"] });
  const [certificateFile, keyFile] = [`${home.path}/smtp.pem`, `${home.path}/smtp.key`];
  Deno.writeTextFileSync(certificateFile, certificate);
  Deno.writeTextFileSync(keyFile, privateKey);
  const port = freePort();
  const script = new URL("../peers/smtp_server.py", import.meta.url).pathname;
  const args = [script, certificateFile, keyFile, String(port)];
  const { peer } = await PeerProcess.start(PYTHON, { args, ready: /^listening on (\d+)$/ });
  stack.use(peer);
  const to = (password: string, extraRoots: string | undefined = authority.certificate) =>
    emailTo({
      host: "127.0.0.1",
      port,
      tls: "starttls",
      username: "edge",
      password: new Secret(password),
      from: "edge@example.com",
      to: ["ops@example.com", "night@example.com"],
      extraRoots,
    });
  return { peer, to, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("a mail goes over STARTTLS with a login, to all receivers, with no line of a subject's name as a header", async () => {
  await using stand = await smtpStand();
  await stand.to("right").send(NOTICE, SIGNAL);
  const [, json = ""] = await stand.peer.line(/^mail (.*)$/);
  const mail = JSON.parse(json);
  assert.deepEqual([mail.from, mail.to], ["edge@example.com", ["ops@example.com", "night@example.com"]]);
  assert.equal(mail.is_encrypted, true);
  const [head = ""] = mail.content.split("\r\n\r\n");
  assert.match(head, /^Subject: /m);
  assert.doesNotMatch(head, /^bcc:/im);
  assert.doesNotMatch(mail.content, /right/);
});

Deno.test("a wrong password is told as such, and is not in the text", async () => {
  await using stand = await smtpStand();
  await assert.rejects(stand.to("wrong-secret").send(NOTICE, SIGNAL), (error: Error) => {
    assert.match(error.message, /refuses the login/);
    assert.doesNotMatch(error.message, /wrong-secret/);
    return true;
  });
});

Deno.test("no mail and no password goes to a server whose certificate nobody trusts", async () => {
  await using stand = await smtpStand();
  const { certificate } = await TestAuthority.create("Another");
  await assert.rejects(stand.to("right", certificate).send(NOTICE, SIGNAL), /Cannot send mail.*certificate/);
  assert.deepEqual(stand.peer.lines.filter((line) => line.startsWith("mail")), []);
});

interface Got {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Answers each request with the next of these. */
function httpStand(answers: readonly Response[]) {
  const got: Got[] = [];
  const left = [...answers];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    got.push({ method: request.method, headers: request.headers, body: await request.text() });
    return left.shift() ?? new Response(null, { status: 204 });
  });
  const client = Deno.createHttpClient({});
  const url = `http://127.0.0.1:${server.addr.port}/hook/a-secret-path`;
  const way = { url: new Secret(url), clientFor: () => client };
  const options = { ...way, method: "POST", clock: new FakeClock(), userAgent: "iot-connector/1" } as const;
  const webhook = webhookTo({ ...options, secret: new Secret("shared") });
  return {
    got,
    webhook,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.shutdown();
    },
  };
}

async function hmac(text: string): Promise<string> {
  const utf8 = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode("shared"), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(text))).toHex();
}

Deno.test("a webhook is signed over time and body, and carries the notice as JSON", async () => {
  await using stand = httpStand([]);
  await stand.webhook.send(NOTICE, SIGNAL);
  const [{ method, headers, body } = assert.fail("nothing came")] = stand.got;
  assert.deepEqual([method, headers.get("content-type")], ["POST", "application/json"]);
  assert.deepEqual(JSON.parse(body), NOTICE);
  assert.equal(headers.get("x-timestamp"), "1700000000");
  assert.equal(headers.get("x-signature"), `sha256=${await hmac(`1700000000.${body}`)}`);
});

Deno.test("a repetition has the same x-alert-id, so that a receiver can tell it", async () => {
  await using stand = httpStand([new Response(null, { status: 500 })]);
  await assert.rejects(stand.webhook.send(NOTICE, SIGNAL), /answers an alert with status 500/);
  await stand.webhook.send(NOTICE, SIGNAL);
  const [first, second] = stand.got.map(({ headers }) => headers.get("x-alert-id"));
  assert.ok(first);
  assert.equal(first, second);
});

Deno.test("a redirect is not followed, and the path of a webhook is in no text", async () => {
  await using stand = httpStand([Response.redirect("http://127.0.0.1:1/elsewhere")]);
  await assert.rejects(stand.webhook.send(NOTICE, SIGNAL), (error: Error) => {
    assert.match(error.message, /status 302/);
    assert.doesNotMatch(error.message, /a-secret-path/);
    return true;
  });
  const client = Deno.createHttpClient({});
  const url = `http://127.0.0.1:${freePort()}/a-secret-path`;
  const way = { url: new Secret(url), clientFor: () => client };
  const options = { ...way, method: "POST", secret: null, clock: new FakeClock(), userAgent: "x" } as const;
  await assert.rejects(webhookTo(options).send(NOTICE, SIGNAL), (error: Error) => {
    assert.match(error.message, /Cannot reach http:\/\/127\.0\.0\.1:\d+: /);
    assert.doesNotMatch(error.message, /a-secret-path/);
    return true;
  });
  client.close();
});
