import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { TestAuthority } from "../../tests/peers/certificates.ts";
import type { Config } from "../config/mod.ts";
import { ConfigError } from "../core/error.ts";
import { certificateRulesOf, proxyOf, readExtraRoots } from "./network.ts";

async function configWith(security: string): Promise<Config> {
  return (await loadText(`version: 1\nlocal_sink: { enabled: true }\nsecurity: { ${security} }\n`)).config;
}

/** A home directory with one file of this text; removed when it is disposed of. */
async function homeWithFile(name: string, text: string) {
  const path = await Deno.makeTempDir({ prefix: "home_" });
  await Deno.writeTextFile(`${path}/${name}`, text);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("readExtraRoots() gives the text of the CA bundle, and nothing where none is set", async () => {
  const { certificate } = await TestAuthority.create();
  await using home = await homeWithFile("ca.pem", certificate);
  assert.equal(await readExtraRoots(await configWith("ca_bundle_path: ca.pem"), home.path), certificate);
  assert.equal(await readExtraRoots(await configWith(""), home.path), undefined);
});

Deno.test("readExtraRoots() names the setting and the file that cannot be read", async () => {
  await using home = await homeWithFile("ca.pem", "");
  const failure = readExtraRoots(await configWith("ca_bundle_path: certs/none.pem"), home.path);
  await assert.rejects(failure, (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.path, "security.ca_bundle_path");
    assert.match(error.message, /^Cannot read security\.ca_bundle_path, \/\S+\/certs\/none\.pem: /);
    return true;
  });
});

Deno.test("readExtraRoots() refuses a bundle without a certificate", async () => {
  await using home = await homeWithFile("ca.pem", "-----BEGIN PRIVATE KEY-----\n");
  const failure = readExtraRoots(await configWith("ca_bundle_path: ca.pem"), home.path);
  await assert.rejects(failure, /security\.ca_bundle_path, \S+\/ca\.pem, holds no certificate: it must be PEM text/);
});

Deno.test("readExtraRoots() follows no link", async () => {
  await using home = await homeWithFile("elsewhere.pem", "-----BEGIN CERTIFICATE-----\n");
  await Deno.symlink("elsewhere.pem", `${home.path}/ca.pem`);
  const failure = readExtraRoots(await configWith("ca_bundle_path: ca.pem"), home.path);
  await assert.rejects(failure, { code: "link_in_home" });
});

Deno.test("proxyOf() prefers the proxy for HTTPS, and is nothing unless enabled", async () => {
  const both = "http_proxy: http://a:1, https_proxy: http://b:2, no_proxy: plant.example";
  const cases = [
    [`enabled: true, ${both}`, "http://b:2"],
    ["enabled: true, http_proxy: http://a:1", "http://a:1"],
    [`enabled: false, ${both}`, undefined],
  ] as const;
  for (const [proxy, url] of cases) {
    assert.equal(proxyOf(await configWith(`network: { proxy: { ${proxy} } }`))?.url, url, proxy);
  }
  const { security } = await configWith(`network: { proxy: { enabled: true, ${both} } }`);
  assert.equal(security.network.proxy.no_proxy, "plant.example");
});

Deno.test("certificateRulesOf() gives what the configuration asks of peers' certificates, and its defaults", async () => {
  const defaults = { verifyHostname: true, checkRevocation: "when_crl_present" };
  assert.deepEqual(certificateRulesOf(await configWith("")), defaults);
  const config = await configWith("certificates: { validation: { verify_hostname: false, check_revocation: always } }");
  assert.deepEqual(certificateRulesOf(config), { verifyHostname: false, checkRevocation: "always" });
});
