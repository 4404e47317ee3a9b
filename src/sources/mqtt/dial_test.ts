import assert from "node:assert/strict";
import { tempHome } from "../../../tests/fakes/temp_home.ts";
import { type LeafOptions, TestAuthority } from "../../../tests/peers/certificates.ts";
import { dial } from "./dial.ts";
import { failedDial } from "./dial_errors.ts";
import { mqttSettings } from "./settings.ts";

const { tls: TLS } = mqttSettings.parse({ topics: [], tls: { ca_cert_path: "ca.pem" } });

const FAULTS: readonly [string, LeafOptions, string, RegExp][] = [
  [
    "that has expired",
    { days: -1 },
    "mqtt_certificate_expired",
    /certificate expired on \d{4}-\d\d-\d\d: renew it, or set this host's clock/,
  ],
  [
    "that is not valid yet",
    { from: 2 },
    "mqtt_certificate_expired",
    /is not valid before \d{4}-\d\d-\d\d: set this host's clock/,
  ],
  ["for another host", { hosts: ["other.example"] }, "mqtt_certificate_name", /for another host name: use the name/],
  ["for clients", { usage: "client" }, "mqtt_certificate_usage", /was not made for servers: have its authority make/],
];

for (const [what, leaf, code, says] of FAULTS) {
  Deno.test(`dial() refuses a broker's certificate ${what}, and says what to do`, async () => {
    const authority = await TestAuthority.create("Plant");
    const error = await refusal(authority, await authority.issue(leaf));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, says);
  });
}

Deno.test("dial() refuses a broker's certificate of another authority, and says what to do", async () => {
  const other = await TestAuthority.create("Hall");
  const error = await refusal(await TestAuthority.create("Plant"), await other.issue());
  assert.equal(error.code, "mqtt_certificate_untrusted", error.message);
  assert.match(error.message, /set tls\.ca_cert_path to the one that signed it/);
});

Deno.test("dial() is given up for the signal's reason, also while it looks at a certificate that was refused", async () => {
  const stop = new AbortController();
  const leaf = await (await TestAuthority.create("Hall")).issue();
  const onAsked = (times: number) => times === 2 && stop.abort(new Error("no longer wanted"));
  const error = await thrownBy(await TestAuthority.create("Plant"), leaf, { signal: stop.signal, onAsked });
  assert.equal(error.message, "no longer wanted");
});

interface Leaf {
  readonly certificate: string;
  readonly privateKey: string;
}

async function refusal(authority: TestAuthority, leaf: Leaf) {
  const { signal } = new AbortController();
  return failedDial(await thrownBy(authority, leaf, { signal, onAsked: () => {} }), "mqtts://broker");
}

interface Asking {
  readonly signal: AbortSignal;
  /** Called with each connection, before its handshake. */
  readonly onAsked: (times: number) => void;
}

async function thrownBy(authority: TestAuthority, leaf: Leaf, { signal, onAsked }: Asking): Promise<Error> {
  await using home = await tempHome();
  await Deno.writeTextFile(`${home.path}/ca.pem`, authority.certificate);
  const hostname = "127.0.0.1";
  const listener = Deno.listenTls({ hostname, port: 0, cert: leaf.certificate, key: leaf.privateKey });
  const { port } = listener.addr as Deno.NetAddr; // it listens on TCP
  const serving = serve(listener, onAsked);
  const endpoint = { scheme: "mqtts", hostname, port, path: "" } as const;
  const options = {
    endpoint: "mqtts://broker",
    tls: TLS,
    home: home.path,
    extraRoots: undefined,
    nowMs: Date.now(),
    signal,
  };
  const error = await dial(endpoint, options).then(() => undefined, (thrown) => thrown);
  listener.close();
  await serving;
  assert.ok(error instanceof Error, "it was taken");
  return error;
}

async function serve(listener: Deno.TlsListener, onAsked: Asking["onAsked"]): Promise<void> {
  let times = 0;
  for await (const connection of listener) {
    onAsked(++times);
    await connection.handshake().catch(() => {/* the client refuses */});
    connection.close();
  }
}
