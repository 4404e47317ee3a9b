/**
 * install.sh and the unit on a machine that systemd runs, from the first installation to the last, with the executables of
 * `deno task build`. Its memory and processor limits are not tested: they hold where controllers of cgroup2 are free.
 */
import assert from "node:assert/strict";
import { stageRelease } from "../../tools/release_archive.ts";
import { eventually } from "../wait.ts";
import { Machine } from "./machine.ts";

const dist = new URL("../../dist/", import.meta.url).pathname;
const HOME = "/var/lib/iot-connector";
const YAML = `version: 1
local_sink: { enabled: true }
sources:
  - { name: only, protocol: modbus, endpoint: "modbus+tcp://127.0.0.1:1", modbus: { registers: [{ name: a, address: 0 }] } }
`;

/** /srv: a release; the next one, which is the same under another name; one that ends at once; one that somebody changed. */
async function fill(share: string): Promise<void> {
  await stageRelease({ dir: `${share}/release`, executables: [`${dist}iot-connector`], texts: {} });
  await stageScript(share, "next", `exec /srv/release/iot-connector "$@"`);
  await stageScript(share, "broken", "echo iot-connector 9.9.9\n[ $# = 1 ]");
  await Deno.mkdir(`${share}/changed`);
  for (const name of ["install.sh", "SHA256SUMS"]) {
    await Deno.copyFile(`${share}/broken/${name}`, `${share}/changed/${name}`);
  }
  await Deno.writeTextFile(`${share}/changed/iot-connector`, "#!/bin/sh\n", { mode: 0o755 });
  await Deno.writeTextFile(`${share}/connector.yaml`, YAML);
}

/** A release whose executable is a script. */
async function stageScript(share: string, name: string, text: string): Promise<void> {
  const unit = await Deno.readTextFile(new URL("../../packaging/systemd/iot-connector.service", import.meta.url));
  await Deno.mkdir(`${share}/made/${name}`, { recursive: true });
  const executable = `${share}/made/${name}/iot-connector`;
  await Deno.writeTextFile(executable, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  // Its executable is the one of `--serial` too.
  const executables = [executable, `${executable}-serial`];
  await Deno.copyFile(executable, `${executable}-serial`);
  const texts = { "iot-connector.service": `${unit}# of ${name}\n` };
  await stageRelease({ dir: `${share}/${name}`, executables, texts });
}

/** What systemd says of the service, by property. */
async function shown(machine: Machine): Promise<Readonly<Record<string, string>>> {
  const text = await machine.done("systemctl show iot-connector");
  return Object.fromEntries(
    text.split("\n").map((line) => [line.split("=", 1)[0]!, line.slice(line.indexOf("=") + 1)]),
  );
}

const UNIT = "/etc/systemd/system/iot-connector.service";
/** Which release the unit is of, and whether it has serial devices. */
const unitOf = (machine: Machine) =>
  machine.done(`tail -n1 ${UNIT} | grep '^# of' || echo first; ls ${UNIT}.d 2>/dev/null || true`);

const stateOf = async (machine: Machine) => (await shown(machine)).ActiveState;

Deno.test("install.sh installs, upgrades, rolls back and removes, and systemd runs the connector in between", async (test) => {
  await using machine = await Machine.boot(fill);

  await test.step("an archive that somebody changed is refused, and changes nothing", async () => {
    const { code, text } = await machine.run("changed/install.sh");
    assert.equal(code, 1);
    assert.match(text, /iot-connector: FAILED[^]*Nothing was changed\n$/);
    assert.equal((await machine.run(`ls ${HOME} /usr/local/bin/iot-connector /etc/iot-connector`)).code, 2);
  });

  await test.step("it installs, and the service is up when it ends: every source was tried", async () => {
    assert.match(await machine.done("release/install.sh"), /^checked the SHA-256 sums[^]*started iot-connector/);
    await machine.done(`install -d -o iot-connector ${HOME}/config && cp connector.yaml ${HOME}/config`);
    await machine.done("systemctl restart iot-connector");
    const { ActiveState, SubState, StatusText } = await shown(machine);
    assert.deepEqual([ActiveState, SubState], ["active", "running"]);
    assert.equal(StatusText, "0 of 1 sources connected, 0 rows wait to be sent");
  });

  await test.step("the command health answers as the container's check would ask", async () => {
    assert.match(await machine.done(`cd ${HOME} && iot-connector health`), /"ok"/);
  });

  await test.step("the process has no capability, no way to get one, and a filter of system calls", async () => {
    const { MainPID } = await shown(machine);
    const status = await machine.done(`cat /proc/${MainPID}/status`);
    for (const line of [/^CapBnd:\s+0+$/m, /^CapEff:\s+0+$/m, /^NoNewPrivs:\s+1$/m, /^Seccomp:\s+2$/m]) {
      assert.match(status, line);
    }
    assert.match(await machine.done(`ps -o user= -p ${MainPID}`), /^iot-conn/);
    const inside = `nsenter --target ${MainPID} --mount --`;
    assert.match(
      (await machine.run(`${inside} touch /usr/x /etc/x`)).text,
      /x': Read-only file system[^]*x': Read-only/,
    );
    assert.equal(await machine.done(`${inside} ls -A /home /root 2>/dev/null | grep -v : || true`), "\n");
  });

  await test.step("run again, it changes nothing, and leaves the service running", async () => {
    const before = await machine.done("stat -c %i%Y /usr/local/bin/iot-connector");
    const { MainPID } = await shown(machine);
    const text = await machine.done("release/install.sh");
    assert.match(text, /runs, and nothing has changed\n$/);
    assert.doesNotMatch(text, /wrote|made|kept/);
    assert.equal((await shown(machine)).MainPID, MainPID);
    assert.equal(await machine.done("stat -c %i%Y /usr/local/bin/iot-connector"), before);
  });

  await test.step("a backup made beside the running service restores as an installation of its own", async () => {
    const asUser = (folder: string, words: string) =>
      machine.done(`cd ${folder} && echo correct horse battery | runuser -u iot-connector -- iot-connector ${words}`);
    await asUser(HOME, "backup export/home.backup --passphrase-stdin");
    await machine.done(`install -d -o iot-connector -g iot-connector -m 700 ${HOME}-2 &&
      install -o iot-connector -m 600 ${HOME}/export/home.backup ${HOME}-2`);
    assert.match(await asUser(`${HOME}-2`, "restore home.backup --passphrase-stdin"), /an installation of its own/);
    const names = (await machine.done(`ls ${HOME}-2`)).trim().split("\n");
    assert.deepEqual(["certs", "config", "spool"].filter((name) => !names.includes(name)), []);
    assert.deepEqual(["identity.json", "run", "export"].filter((name) => names.includes(name)), []);
    await machine.done(`rm -r ${HOME}-2`);
  });

  await test.step("a process that hangs is ended by the watchdog and started again", async () => {
    await machine.done(`mkdir -p /run/systemd/system/iot-connector.service.d &&
      printf '[Service]\\nWatchdogSec=1\\nRestartSec=0\\n' >/run/systemd/system/iot-connector.service.d/soon.conf &&
      systemctl daemon-reload && systemctl restart iot-connector`);
    const { MainPID } = await shown(machine);
    await machine.done(`kill -STOP ${MainPID}`);
    await eventually("it was started again", async () => {
      const { NRestarts, ActiveState } = await shown(machine);
      return NRestarts === "1" && ActiveState === "active";
    }, 20_000);
    await machine.done("rm -r /run/systemd/system/iot-connector.service.d && systemctl daemon-reload");
  });

  await test.step("a new executable that does not start gives way to the one before, by itself", async () => {
    const { code, text } = await machine.run("broken/install.sh --serial");
    assert.equal(code, 1);
    assert.match(text, /kept iot-connector 0\.[^]*the one before runs again/);
    assert.equal(await stateOf(machine), "active");
    assert.match(await machine.done("iot-connector version"), /^iot-connector 0\./);
    assert.equal(await unitOf(machine), "first\n");
  });

  await test.step("it upgrades in place, and rollback puts the executable before back", async () => {
    const sum = "sha256sum </usr/local/bin/iot-connector";
    const before = await machine.done(sum);
    await machine.done("next/install.sh --serial");
    assert.equal(await unitOf(machine), "# of next\nserial.conf\n");
    const after = await machine.done(sum);
    assert.notEqual(after, before);
    assert.equal(await stateOf(machine), "active");
    assert.match(await machine.done("/usr/local/lib/iot-connector/install.sh rollback"), /back; the other is kept/);
    assert.equal(await machine.done(sum), before);
    assert.equal(await unitOf(machine), "first\n");
    assert.equal(await stateOf(machine), "active");
  });

  await test.step("a wrong configuration stops it for a person to mend, with the reason in the log", async () => {
    await machine.done(`echo 'nonsense: 1' >>${HOME}/config/connector.yaml`);
    assert.notEqual((await machine.run("systemctl restart iot-connector")).code, 0);
    const { ActiveState, ExecMainStatus } = await shown(machine);
    assert.deepEqual([ActiveState, ExecMainStatus], ["failed", "78"]);
  });

  await test.step("uninstalled, it leaves a sealed credential, which may be the only copy of a key", async () => {
    await machine.done("touch /etc/iot-connector/secrets.key.cred");
    const text = await machine.done("release/install.sh uninstall");
    assert.match(
      text,
      /removed \/etc\/iot-connector\/environment\n[^]*left the sealed credentials in \/etc\/iot-connector/,
    );
    assert.equal(await machine.done("ls /etc/iot-connector"), "secrets.key.cred\n");
    await machine.done("rm /etc/iot-connector/secrets.key.cred");
  });

  await test.step("uninstalled, it leaves the data and their owner alone", async () => {
    const text = await machine.done("release/install.sh uninstall");
    assert.match(text, /left the data in \/var\/lib\/iot-connector/);
    const left = await machine.done(
      "find / -xdev -path /proc -prune -o -path /srv -prune -o -path /work -prune -o -newer /srv/connector.yaml -path '*iot-connector*' -print",
    );
    assert.deepEqual(left.split("\n").filter((path) => path !== "" && !path.startsWith(HOME)), []);
    assert.match(await machine.done(`ls ${HOME}`), /^config\n[^]*identity\.json\n[^]*spool\n$/m);
    assert.match(await machine.done("release/install.sh uninstall"), /^left the data/);
  });
});
