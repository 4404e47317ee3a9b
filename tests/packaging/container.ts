/** The image of the connector, built by buildah as its Containerfile says and run by runc as an engine would. Needs root. */
import assert from "node:assert/strict";
import { PeerProcess } from "../peers/process.ts";
import { eventually } from "../wait.ts";

const packaging = new URL("../../packaging/container/", import.meta.url).pathname;
const HOME = "/var/lib/iot-connector";

/** What the image says of how it is to be run. */
export interface ImageConfig {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Entrypoint: readonly string[];
  readonly StopSignal: string;
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly Volumes: Readonly<Record<string, unknown>>;
}

/** An image in a store of its own. */
export class Image implements AsyncDisposable {
  readonly #dir: string;
  /** Its root file system. */
  readonly root: string;
  readonly config: ImageConfig;

  private constructor(dir: string, root: string, config: ImageConfig) {
    this.#dir = dir;
    this.root = root;
    this.config = config;
  }

  static async build(executable: string): Promise<Image> {
    const dir = await Deno.makeTempDir({ prefix: "image_" });
    await Deno.copyFile(`${packaging}Containerfile`, `${dir}/Containerfile`);
    await run("sh", `${packaging}rootfs.sh`, executable, `${dir}/rootfs.tar`);
    const buildah = (...words: string[]) =>
      run("buildah", "--storage-driver", "vfs", "--root", `${dir}/store`, "--runroot", `${dir}/run`, ...words);
    await buildah("bud", "--quiet", "--isolation", "chroot", "--format", "docker", "--tag", "iot-connector", dir);
    const { Docker } = JSON.parse(await buildah("inspect", "--type", "image", "iot-connector"));
    const container = await buildah("from", "--pull-never", "iot-connector");
    return new Image(dir, await buildah("mount", container), Docker.config);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }
}

export interface ContainerOptions {
  /** Directory of this host that is the connector's home. */
  readonly home: string;
  /** Text of /etc/resolv.conf, which an engine makes. */
  readonly resolvConf: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A running container: a read-only root, no capabilities, and the host's network. */
export class Container implements AsyncDisposable {
  readonly #bundle: string;
  readonly #id: string;
  readonly #peer: PeerProcess;

  private constructor(bundle: string, id: string, peer: PeerProcess) {
    this.#bundle = bundle;
    this.#id = id;
    this.#peer = peer;
  }

  static async start(image: Image, options: ContainerOptions): Promise<Container> {
    const bundle = await Deno.makeTempDir({ prefix: "bundle_" });
    await Deno.writeTextFile(`${bundle}/resolv.conf`, options.resolvConf, { mode: 0o644 });
    await Deno.writeTextFile(`${bundle}/config.json`, JSON.stringify(runtimeConfig(image, bundle, options)));
    const id = bundle.split("/").at(-1)!;
    const args = ["run", "--bundle", bundle, id];
    const { peer } = await PeerProcess.start("runc", { args, ready: /"message":"The connector starts"/ });
    return new Container(bundle, id, peer);
  }

  get lines(): readonly string[] {
    return this.#peer.lines;
  }

  /** The process of the connector, as this host numbers it. */
  async pid(): Promise<number> {
    return JSON.parse(await run("runc", "state", this.#id)).pid;
  }

  /** Runs the image's own check in it, as an engine does. Resolves with its exit code. */
  async check(): Promise<number> {
    const words = [this.#id, "/usr/local/bin/iot-connector", "health"];
    return (await new Deno.Command("runc", { args: ["exec", ...words], stdout: "null" }).output()).code;
  }

  /** Resolves with the exit code. */
  async stop(): Promise<number> {
    await run("runc", "kill", this.#id, "TERM");
    return (await this.#peer.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Deno.Command("runc", { args: ["delete", "--force", this.#id], stderr: "null" }).output();
    await this.#peer[Symbol.asyncDispose]();
    await eventually("it is gone", () => !exists(`/run/runc/${this.#id}`));
    await Deno.remove(this.#bundle, { recursive: true });
  }
}

/** OCI Runtime Specification 1.0: what an engine makes of the image and of a read-only root. */
function runtimeConfig({ root, config }: Image, bundle: string, { home, env }: ContainerOptions): object {
  const [uid, gid] = config.User.split(":").map(Number);
  const nothing: string[] = [];
  return {
    ociVersion: "1.0.0",
    root: { path: root, readonly: true },
    process: {
      user: { uid, gid },
      cwd: config.WorkingDir,
      args: config.Entrypoint,
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      noNewPrivileges: true,
      capabilities: {
        bounding: nothing,
        effective: nothing,
        permitted: nothing,
        inheritable: nothing,
        ambient: nothing,
      },
    },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      {
        destination: "/dev",
        type: "tmpfs",
        source: "tmpfs",
        options: ["nosuid", "strictatime", "mode=755", "size=64k"],
      },
      { destination: "/etc/resolv.conf", type: "bind", source: `${bundle}/resolv.conf`, options: ["bind", "ro"] },
      { destination: HOME, type: "bind", source: home, options: ["bind", "rw", "nosuid", "nodev"] },
    ],
    linux: { namespaces: [{ type: "pid" }, { type: "mount" }, { type: "ipc" }, { type: "uts" }] },
  };
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(success, `${command} ${args.join(" ")}: ${text}${new TextDecoder().decode(stderr)}`);
  return text.trim();
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
