/** A directory on a file system of 64 MB, which only root can make. */
import { statfsSync } from "node:fs";

/** Where one can be made. */
export const IS_SMALL_DISK_POSSIBLE = Deno.build.os === "linux" && Deno.uid() === 0;

const PIECE = new Uint8Array(64 * 1024);

export class SmallDisk implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<SmallDisk> {
    const disk = new SmallDisk(await Deno.makeTempDir({ prefix: "disk_" }));
    await run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.path);
    return disk;
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Writes a file of somebody else's, or more of it, until there is no room for a byte. */
  fillUp(): void {
    using file = Deno.openSync(`${this.path}/other`, { create: true, append: true });
    try {
      while (true) file.writeSync(PIECE);
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  /** Removes that file. */
  clear(): void {
    Deno.removeSync(`${this.path}/other`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", this.path);
    await Deno.remove(this.path);
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOSPC";
}

async function run(name: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(name, { args }).output();
  if (!success) throw new Error(`${name}: ${new TextDecoder().decode(stderr)}`);
}
