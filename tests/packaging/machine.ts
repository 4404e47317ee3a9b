/** A machine that systemd runs: namespaces of this host, over a copy of its files. Needs root on Linux. */
import assert from "node:assert/strict";
import { eventually } from "../wait.ts";

const BOOT = new URL("boot.sh", import.meta.url).pathname;

export interface Outcome {
  readonly code: number;
  /** Standard output and standard error. */
  readonly text: string;
}

/** A booted machine, with a network of its own that has the loopback interface alone. */
export class Machine implements AsyncDisposable {
  readonly #dir: string;
  readonly #booted: Deno.ChildProcess;
  readonly #init: number;

  private constructor(dir: string, booted: Deno.ChildProcess, init: number) {
    this.#dir = dir;
    this.#booted = booted;
    this.#init = init;
  }

  /** `fill` puts files into a directory that stands there as /srv. */
  static async boot(fill: (share: string) => Promise<void>): Promise<Machine> {
    await using half = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir({ prefix: "machine_" });
    half.defer(() => Deno.remove(dir, { recursive: true }));
    await Deno.mkdir(`${dir}/share`);
    await fill(`${dir}/share`);
    const args = ["--pid", "--fork", "--mount", "--uts", "--ipc", "--net", "--kill-child", "sh", BOOT, dir];
    const booted = new Deno.Command("unshare", { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    const init = await eventually("process 1 is there", () => childOf(booted.pid));
    half.move();
    const machine = new Machine(dir, booted, init);
    await eventually(
      "systemd has booted",
      async () => /running|degraded/.test((await machine.run("systemctl is-system-running")).text),
    );
    return machine;
  }

  /** Runs a command line in it, as root, in /srv. */
  async run(line: string): Promise<Outcome> {
    const inside = ["--target", String(this.#init), "--all", "--root", "--wd", "--", "sh", "-c", `cd /srv && ${line}`];
    const command = new Deno.Command("nsenter", {
      args: inside,
      clearEnv: true,
      env: { PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    });
    const { code, stdout, stderr } = await command.output();
    return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  }

  /** The same, which must succeed. Resolves with what it printed. */
  async done(line: string): Promise<string> {
    const { code, text } = await this.run(line);
    assert.equal(code, 0, `${line}: ${text}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Deno.kill(this.#init, "SIGKILL"); // its namespace, and whatever runs there, ends with it
    await this.#booted.status;
    removeGroup(`${groupsAt()}/${this.#dir.split("/").at(-1)}`);
    await Deno.remove(this.#dir, { recursive: true });
  }
}

/** The process that another one has started; undefined where there is none. */
function childOf(pid: number): number | undefined {
  const [child] = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
  return child ? Number(child) : undefined;
}

/** Where this host has its unified hierarchy of control groups. */
function groupsAt(): string {
  const mounts = Deno.readTextFileSync("/proc/mounts").split("\n").map((line) => line.split(" "));
  return mounts.find(([, , type]) => type === "cgroup2")?.[1] ?? assert.fail("this host has no cgroup2");
}

/** Nobody is in the groups any more: their directories go one by one, as cgroups(7) wants it. */
function removeGroup(path: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(path)) if (isDirectory) removeGroup(`${path}/${name}`);
  Deno.removeSync(path);
}
