import assert from "node:assert/strict";
import { permissionFlags } from "../../tools/permissions.ts";
import { homeWith } from "../../tests/fakes/terminal.ts";
import { TestAuthority } from "../../tests/peers/certificates.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Runs a program with the connector's permissions in an empty home. */
async function outcome(main: string, env: Record<string, string>) {
  await using home = await homeWith("");
  const args = ["run", "--config", `${root}deno.json`, ...permissionFlags(home.path), main];
  const command = new Deno.Command(Deno.execPath(), { args, cwd: home.path, env });
  const { code, stdout, stderr } = await command.output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** Calls `ownEnvironment`, or does not, and asks a port with no web server in the way that tokens are asked for. */
function program(isCalled: boolean, port: number): string {
  const call = isCalled ? `console.log(ownEnvironment(Deno.env));` : "";
  return `import { ownEnvironment } from "${root}src/cli/environment.ts";
${call}
using client = Deno.createHttpClient({});
await fetch("https://127.0.0.1:${port}/", { client }).catch(() => {});
`;
}

/** Whether a proxy that the environment names was asked. */
async function isProxyAsked(isCalled: boolean, name: string): Promise<boolean> {
  using proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const first = Promise.race([proxy, server].map(async (listener) => {
    (await listener.accept()).close();
    return listener === proxy;
  }));
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(script, program(isCalled, server.addr.port));
    const running = outcome(script, { [name]: `http://127.0.0.1:${proxy.addr.port}` });
    const asked = await first;
    await running;
    return asked;
  } finally {
    await Deno.remove(script);
  }
}

for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
  Deno.test(`ownEnvironment() keeps the runtime from the proxy that ${name} names`, async () => {
    assert.equal(await isProxyAsked(false, name), true, "the runtime obeys the variable");
    assert.equal(await isProxyAsked(true, name), false);
  });
}

/** Whether a server with a certificate of an authority that the environment alone names is trusted. */
async function isTrusted(isCalled: boolean, env: (authority: string) => Record<string, string>): Promise<boolean> {
  await using other = await homeWith("");
  const authority = await TestAuthority.create();
  const { certificate: cert, privateKey: key } = await authority.issue();
  await Deno.writeTextFile(`${other.path}/ca.pem`, authority.certificate);
  let isAsked = false;
  const answer = () => {
    isAsked = true;
    return new Response();
  };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} }, answer);
  await Deno.writeTextFile(`${other.path}/program.ts`, program(isCalled, server.addr.port));
  await outcome(`${other.path}/program.ts`, env(`${other.path}/ca.pem`));
  return isAsked;
}

for (
  const [name, env] of [
    ["DENO_CERT", (path) => ({ DENO_CERT: path })],
    ["NODE_EXTRA_CA_CERTS", (path) => ({ NODE_EXTRA_CA_CERTS: path })],
    ["DENO_TLS_CA_STORE", (path) => ({ DENO_TLS_CA_STORE: "system", SSL_CERT_FILE: path })],
  ] satisfies [string, (path: string) => Record<string, string>][]
) {
  Deno.test(`ownEnvironment() keeps the runtime from the authorities that ${name} names`, async () => {
    assert.equal(await isTrusted(false, env), true, "the runtime obeys the variable");
    assert.equal(await isTrusted(true, env), false);
  });
}

Deno.test("the connector does not start while SSLKEYLOGFILE is set, and says so in a line", async () => {
  await using other = await homeWith("");
  const { code, out, err } = await outcome(`${root}main.ts`, { SSLKEYLOGFILE: `${other.path}/keys` });
  assert.deepEqual([code, out], [78, ""]);
  assert.match(err, /^The variable SSLKEYLOGFILE is set, [^\n]+: unset it\.\n$/);
});

Deno.test("runCli() makes files and directories for its user alone", async () => {
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      script,
      `import { runCli } from "${root}src/cli/mod.ts";
await runCli(["version", "--json"]);
Deno.writeTextFileSync("made.txt", "");
Deno.mkdirSync("made");
for (const made of ["made.txt", "made"]) console.log((Deno.statSync(made).mode & 0o777).toString(8));
Deno.exit();
`,
    );
    const { out, err } = await outcome(script, {});
    assert.deepEqual(out.trimEnd().split("\n").slice(1), ["600", "700"], err);
  } finally {
    await Deno.remove(script);
  }
});
