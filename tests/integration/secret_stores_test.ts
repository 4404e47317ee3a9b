/** Secrets that stand in a store: had, away, renewed, changed, and told to nobody. */
import assert from "node:assert/strict";
import { loadConfig } from "../../src/config/mod.ts";
import { ConnectionError } from "../../src/core/error.ts";
import { Secret } from "../../src/lib/secret.ts";
import { SecretStores } from "../../src/secrets/mod.ts";
import { TokenCache } from "../../src/sinks/zerobus/token.ts";
import { FakeClock } from "../fakes/clock.ts";
import { FakeAws, FakeAzure, FakeVault } from "../fakes/secret_stores.ts";
import { tempHome } from "../fakes/temp_home.ts";
import { eventually } from "../wait.ts";

interface Bench extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly stores: SecretStores;
  /** What was told. */
  readonly told: string[];
  write(path: string, text: string): Promise<void>;
  /** The password of an MQTT source that is written so, with this block `secrets:`. */
  password(text: string, secrets: string, state?: Record<string, unknown>): Promise<Secret>;
}

async function bench(): Promise<Bench> {
  const home = await tempHome();
  await Deno.mkdir(`${home.path}/certs`);
  const clock = new FakeClock(Date.now() * 1000);
  const told: string[] = [];
  const readTextFile = (path: string) => Deno.readTextFile(path);
  const tell = (level: string, message: string, code: string) => void told.push(`${level} ${code} ${message}`);
  const stores = new SecretStores({ home: home.path, clock, readTextFile, tell });
  return {
    clock,
    stores,
    told,
    write: (path, text) => Deno.writeTextFile(`${home.path}/${path}`, text),
    async password(text, secrets, state = {}) {
      const yaml = `version: 1
security: { secrets: ${secrets} }
local_sink: { enabled: true }
sources:
  - { name: hall, protocol: mqtt, endpoint: "mqtts://b", mqtt: { username: u, password: "${text}", topics: [{ topic: a }] } }
`;
      const files = { env: () => undefined, readTextFile };
      const loaded = await loadConfig({ home: home.path, yaml, state, ...files, storeOf: stores.storeOf });
      const { password } = loaded.sources[0]?.config.settings as { password: unknown }; // of an MQTT source
      assert.ok(password instanceof Secret);
      return password;
    },
    async [Symbol.asyncDispose]() {
      stores[Symbol.dispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

const vaultBlock = ({ address }: FakeVault, login = "token_path: certs/token") =>
  `{ provider: vault, vault: { address: "${address}", ${login} } }`;

async function vaultWith(secrets: Record<string, Record<string, unknown>>): Promise<FakeVault> {
  const vault = new FakeVault();
  vault.tokens.add("root");
  for (const [path, data] of Object.entries(secrets)) vault.secrets.set(path, data);
  return await Promise.resolve(vault);
}

/** Every tick of what watches, one after the other. */
async function pass({ clock }: Bench, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 5) {
    await eventually("the watch waits", () => clock.sleeping > 0);
    await clock.advance(5000);
  }
}

Deno.test("a password comes from Vault, with a token of a file", async () => {
  await using it = await bench();
  await using vault = await vaultWith({ "iot-connector": { mqtt: "s3cret" }, "other/place": { k: "2" } });
  await it.write("certs/token", "root\n");
  assert.equal((await it.password("${secret:mqtt}", vaultBlock(vault))).reveal(), "s3cret");
  assert.equal((await it.password("${secret:other/place#k}", vaultBlock(vault))).reveal(), "2");
  assert.equal(vault.requests.find(({ path }) => path.includes("/data/"))?.headers.get("x-vault-request"), "true");
});

Deno.test("a password comes from Vault by AppRole, whose token is renewed at half of its life", async () => {
  await using it = await bench();
  await using vault = await vaultWith({ "iot-connector": { mqtt: "s3cret" } });
  vault.role = { role_id: "r", secret_id: "sid" };
  vault.leaseSeconds = 60;
  await it.write("certs/sid", "sid\n");
  const password = await it.password("${secret:mqtt}", vaultBlock(vault, "role_id: r, secret_id_path: certs/sid"));
  assert.equal(password.reveal(), "s3cret");
  it.stores.watch();
  const renewals = () => vault.requests.filter(({ path }) => path.endsWith("/renew-self")).length;
  await pass(it, 25);
  assert.equal(renewals(), 0);
  await pass(it, 10);
  await eventually("the token is renewed", () => renewals() === 1);
});

Deno.test("a Vault that is away at the start stops nothing else, and its secret is had once it is back", async () => {
  await using it = await bench();
  await using vault = await vaultWith({ "iot-connector": { mqtt: "s3cret" } });
  await it.write("certs/token", "root");
  vault.isAway = true;
  const password = await it.password("${secret:mqtt}", vaultBlock(vault));
  assert.throws(
    () => password.reveal(),
    (error) => error instanceof ConnectionError && error.code === "secret_unavailable",
  );
  assert.match(
    it.told[0] ?? "",
    /^warn secret_unavailable Cannot read the secret mqtt: .*What needs it waits, all else runs$/,
  );
  vault.isAway = false;
  it.stores.watch();
  await pass(it, 15);
  await eventually("it is had", () => it.told.some((line) => line.includes("secret_back")));
  assert.equal(password.reveal(), "s3cret");
});

Deno.test("a new value is used without a restart, an outage takes nothing away, and no value is told", async () => {
  await using it = await bench();
  await using vault = await vaultWith({ "iot-connector": { mqtt: "old-s3cret" } });
  await it.write("certs/token", "root");
  const password = await it.password("${secret:mqtt}", vaultBlock(vault));
  it.stores.watch();
  vault.secrets.set("iot-connector", { mqtt: "new-s3cret" });
  await pass(it, 305);
  await eventually("the new value is there", () => password.reveal() === "new-s3cret");
  vault.isAway = true;
  await pass(it, 305);
  await eventually("the outage is told", () => it.told.some((line) => line.includes("secret_unavailable")));
  assert.equal(password.reveal(), "new-s3cret");
  assert.doesNotMatch(it.told.join("\n"), /s3cret|root/);
  assert.equal(String(password), "***");
});

Deno.test("a token that was revoked is told apart from a secret that is not there", async () => {
  await using it = await bench();
  await using vault = await vaultWith({ "iot-connector": {} });
  await it.write("certs/token", "revoked");
  await it.password("${secret:mqtt}", vaultBlock(vault));
  assert.match(it.told[0] ?? "", /does not let us have what it knows of the token \(HTTP 403\)/);
  await it.write("certs/token", "root");
  await it.password("${secret:nowhere#mqtt}", vaultBlock(vault));
  assert.match(it.told[1] ?? "", /has no secret\/nowhere/);
});

Deno.test("a password comes from Azure Key Vault, with a secret and with the token of a workload", async () => {
  await using it = await bench();
  await using azure = new FakeAzure();
  azure.secrets.set("mqtt", '{"password":"s3cret"}');
  await it.write("certs/proof", "proof\n");
  const block = (login: string) =>
    `{ provider: azure_keyvault, azure: { vault_url: "${azure.address}", login_url: "${azure.address}", ` +
    `tenant_id: tenant-1, client_id: app, ${login} } }`;
  azure.isKnown = (form) => form.get("client_secret") === "proof" && form.get("client_id") === "app";
  assert.equal(
    (await it.password("${secret:mqtt#password}", block("client_secret_path: certs/proof"))).reveal(),
    "s3cret",
  );
  azure.isKnown = (form) => form.get("client_assertion") === "proof" && form.has("client_assertion_type");
  assert.equal((await it.password("${secret:mqtt#password}", block("token_path: certs/proof"))).reveal(), "s3cret");
});

Deno.test("a password comes from AWS Secrets Manager, with an access key and with the token of a workload", async () => {
  await using it = await bench();
  await using aws = new FakeAws();
  aws.secrets.set("plant/mqtt", "s3cret");
  await it.write("certs/proof", "web-token\n");
  const block = (login: string) =>
    `{ provider: aws_secrets_manager, aws: { region: eu-west-1, endpoint: "${aws.address}", ` +
    `sts_endpoint: "${aws.address}", ${login} } }`;
  const withKey = block("access_key_id: AKID, secret_access_key_path: certs/proof");
  assert.equal((await it.password("${secret:plant/mqtt}", withKey)).reveal(), "s3cret");
  const withRole = block("role_arn: 'arn:aws:iam::1:role/edge', token_path: certs/proof");
  assert.equal((await it.password("${secret:plant/mqtt}", withRole)).reveal(), "s3cret");
  await it.password("${secret:plant/none}", withRole);
  assert.match(it.told[0] ?? "", /AWS Secrets Manager in eu-west-1 has no secret plant\/none/);
});

Deno.test("who may change the configuration by pages cannot have the store's token sent elsewhere, or name its secrets", async () => {
  await using it = await bench();
  await using vault = await vaultWith({});
  const elsewhere = { security: { secrets: { vault: { address: "https://elsewhere.example" } } } };
  await assert.rejects(it.password("${secret:a}", vaultBlock(vault), elsewhere), /can be set in the YAML alone/);
  const named = { sources: [{ name: "hall", mqtt: { password: "${secret:b}" } }] };
  await assert.rejects(it.password("x", vaultBlock(vault), named), /refers to secret/);
  assert.deepEqual(vault.requests, []);
});

Deno.test("no change of the pages leads the store's token over another proxy, or has another authority believed", async () => {
  await using it = await bench();
  await using vault = await vaultWith({});
  await using elsewhere = await vaultWith({});
  await it.write("certs/token", "root");
  for (
    const security of [
      { network: { proxy: { enabled: true, http_proxy: elsewhere.address, no_proxy: "none" } } },
      { ca_bundle_path: "certs/uploads/0123456789abcdef.certificate.pem" },
    ]
  ) {
    await assert.rejects(
      it.password("${secret:a}", vaultBlock(vault), { security }),
      /can be set in the YAML alone, since secrets\.provider is vault/,
    );
  }
  assert.equal(vault.requests.length + elsewhere.requests.length, 0);
});

Deno.test("only secrets may come from a store, and only where there is one", async () => {
  await using it = await bench();
  await using vault = await vaultWith({});
  await assert.rejects(
    it.password("${secret:a}", "{ provider: env }"),
    /security\.secrets\.provider is env, which is none/,
  );
  await assert.rejects(it.password("x${secret:a}", vaultBlock(vault)), /must be all of the value/);
  const elsewhere = it.password('x" , client_id: "${secret:a}', vaultBlock(vault));
  await assert.rejects(elsewhere, /only passwords and keys may/);
});

Deno.test("a workspace whose secret is not known gets no token asked for, and the sink tries again", async () => {
  const secret = new Secret("${secret:databricks}");
  secret.follow(() => {
    throw new ConnectionError("secret_unavailable", "The secret databricks is not known");
  });
  let asked = 0;
  const tokens = new TokenCache({
    endpoint: new URL("https://localhost:1/oidc/v1/token"),
    workspaceId: "1",
    clientId: "id",
    clientSecret: secret,
    http: { request: () => Promise.reject(new Error(`asked ${++asked}`)) },
    clock: new FakeClock(),
    report: () => {},
  });
  const isWaiting = (error: unknown) => error instanceof ConnectionError && error.code === "secret_unavailable";
  await assert.rejects(tokens.forTable("a.b.c", new AbortController().signal), isWaiting);
  assert.equal(asked, 0);
});
