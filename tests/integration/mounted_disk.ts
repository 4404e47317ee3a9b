/** A file system of its own, in memory, which only root can make. */

export const canMount = Deno.build.os === "linux" && Deno.uid() === 0;

export class MountedDisk implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** At a directory that is there and empty, or at one of its own. */
  static async make(megabytes: number, path?: string): Promise<MountedDisk> {
    const disk = new MountedDisk(path ?? await Deno.makeTempDir({ prefix: "disk_" }));
    await run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", disk.path);
    return disk;
  }

  /** From now on nobody can write there, not even root; or again. */
  async remount(mode: "ro" | "rw"): Promise<void> {
    await run("mount", "-o", `remount,${mode}`, this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", this.path);
    await Deno.remove(this.path);
  }
}

async function run(name: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(name, { args }).output();
  if (!success) throw new Error(`${name}: ${new TextDecoder().decode(stderr)}`);
}
