import assert from "node:assert/strict";
import { freePort } from "../../tests/peers/process.ts";
import { homeWith, outcomeOf } from "../../tests/fakes/terminal.ts";
import { TestAuthority } from "../../tests/peers/certificates.ts";
import { systemClock } from "../lib/clock.ts";

/** A listener that answers each path with a status, to who asks for 127.0.0.1. */
function listener(statuses: Readonly<Record<string, number>>, tls: { cert?: string; key?: string } = {}) {
  const port = freePort();
  const answer = ({ url }: Request) => {
    const { hostname, pathname } = new URL(url);
    return new Response("{}", { status: hostname === "127.0.0.1" ? statuses[pathname] ?? 404 : 421 });
  };
  const server = tls.cert && tls.key
    ? Deno.serve({ hostname: "127.0.0.1", port, cert: tls.cert, key: tls.key, onListen: () => {} }, answer)
    : Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, answer);
  return { port, [Symbol.asyncDispose]: () => server.shutdown() };
}

const asked = async (gui: string, ...words: string[]) => {
  await using home = await homeWith(`version: 1\ngui: { ${gui} }\n`);
  return await outcomeOf(["health", "--home", home.path, ...words]);
};

const CASES: readonly (readonly [words: string[], statuses: Record<string, number>, code: number])[] = [
  [[], { "/health/live": 200 }, 0],
  [[], { "/health/live": 503, "/health": 200 }, 1],
  [["--ready"], { "/health/live": 200, "/health/ready": 503 }, 1],
  [["--ready"], { "/health/ready": 200 }, 0],
  [["--flow"], { "/health": 200 }, 0],
  [["--flow"], { "/health": 503, "/health/live": 200 }, 1],
];

for (const [words, statuses, expected] of CASES) {
  Deno.test(`health ${words.join(" ")} ends with ${expected} for ${JSON.stringify(statuses)}`, async () => {
    await using server = listener(statuses);
    const { code, out } = await asked(`port: ${server.port}`, ...words);
    assert.deepEqual([code, out], [expected, "{}\n"]);
  });
}

Deno.test("health asks a listener on all addresses at 127.0.0.1, over TLS where it has that", async () => {
  const authority = await TestAuthority.create();
  const { certificate: cert, privateKey: key } = await authority.issue();
  await using server = listener({ "/health/live": 200 }, { cert, key });
  const { code, err } = await asked(`bind: 0.0.0.0, port: ${server.port}, tls: { enabled: true }`);
  assert.deepEqual([code, err], [0, ""]);
});

Deno.test("health ends with 1 where nobody answers, soon, and says where it asked", async () => {
  const port = freePort();
  const startedMs = systemClock.monotonicMs();
  const { code, err } = await asked(`port: ${port}`);
  assert.equal(code, 1);
  assert.match(
    err,
    new RegExp(`^Cannot say how the connector is: there is no answer at http://127.0.0.1:${port}/health`),
  );
  assert.ok(systemClock.monotonicMs() - startedMs < 5000);
});

Deno.test("health says that there is nobody to ask where the listener is off", async () => {
  const { code, err } = await asked("enabled: false");
  assert.deepEqual([code, err], [
    1,
    "Cannot say how the connector is: gui.enabled is false, so there is nobody to ask\n",
  ]);
});
