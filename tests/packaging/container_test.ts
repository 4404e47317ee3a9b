/** The container: what the image says, and the connector in it, with the executable of `deno task build`. */
import assert from "node:assert/strict";
import { TestAuthority } from "../peers/certificates.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Container, Image } from "./container.ts";
import { startNameServer } from "./name_server.ts";

const EXECUTABLE = new URL("../../dist/iot-connector", import.meta.url).pathname;
const NAME = "broker.plant.test";
const NAME_SERVER = "127.0.0.9";
const OWNER = 1000;

/** A home directory of the image's user. */
async function homeOf(files: Readonly<Record<string, string>>): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "home_" });
  for (const [name, text] of Object.entries(files)) {
    const folder = `${path}/${name.split("/")[0]}`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${path}/${name}`, text);
    for (const each of [folder, `${path}/${name}`]) await Deno.chown(each, OWNER, OWNER);
  }
  await Deno.chown(path, OWNER, OWNER);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("The container finds a broker by name and speaks TLS with it, has no rights, and writes into its home alone", async () => {
  await using image = await Image.build(EXECUTABLE);
  const { User, WorkingDir, Entrypoint, StopSignal, Healthcheck, Volumes } = image.config;
  assert.deepEqual([User, WorkingDir, StopSignal], ["1000:1000", "/var/lib/iot-connector", "SIGTERM"]);
  assert.deepEqual([Entrypoint, Healthcheck.Test], [
    ["/usr/local/bin/iot-connector"],
    ["CMD", "/usr/local/bin/iot-connector", "health"],
  ]);
  assert.deepEqual(Object.keys(Volumes), ["/var/lib/iot-connector"]);

  const authority = await TestAuthority.create();
  await using broker = await Mosquitto.start({ tls: await authority.issue({ hosts: [NAME] }) });
  await using names = startNameServer(NAME_SERVER, NAME);
  await using home = await homeOf({
    "certs/broker.pem": authority.certificate,
    "config/connector.yaml": `version: 1
gui: { port: ${freePort()} }
monitoring: { metrics: { prometheus: { port: ${freePort()} } } }
local_sink: { enabled: true }
sources:
  - name: line
    protocol: mqtt
    endpoint: mqtts://${NAME}:${broker.port}
    mqtt: { tls: { ca_cert_path: certs/broker.pem }, topics: [{ topic: "plant/#" }] }
`,
  });
  await using container = await Container.start(image, {
    home: home.path,
    resolvConf: `nameserver ${NAME_SERVER}\n`,
    env: { TZ: "Asia/Tokyo" },
  });
  await eventually("it is connected", () => container.lines.some((line) => /"source":"line".*onnected/.test(line)));
  assert.ok(names.asked.includes(NAME));
  assert.equal(await container.check(), 0);

  const pid = await container.pid();
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  for (const line of [/^Uid:\s+1000\s/m, /^CapBnd:\s+0+$/m, /^CapEff:\s+0+$/m, /^NoNewPrivs:\s+1$/m]) {
    assert.match(status, line);
  }
  assert.deepEqual(await writableMounts(pid), ["/proc", "/dev", "/var/lib/iot-connector"]);
  const time = JSON.parse(container.lines.find((line) => line.startsWith("{")) ?? "{}").time;
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000 && time.endsWith("Z"), `UTC whatever TZ says: ${time}`);
  assert.equal(await container.stop(), 0);
});

/** Where a process may write, as far as file systems say. Deno's own permissions leave its home alone of these. */
async function writableMounts(pid: number): Promise<readonly string[]> {
  const mounts = (await Deno.readTextFile(`/proc/${pid}/mounts`)).trim().split("\n").map((line) => line.split(" "));
  return mounts.filter(([, , , options]) => options?.split(",").includes("rw")).map(([, path]) => path ?? "");
}
