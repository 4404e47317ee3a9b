/** What the kernel says of a process (proc(5)). */

/** Clock ticks of /proc in a second: 100 on every Linux that Deno runs on. */
const TICKS = 100;

export interface Usage {
  /** User and system time of all its threads, seconds. */
  readonly cpuSeconds: number;
  /** The most memory that it ever had, megabytes. */
  readonly peakMb: number;
  readonly nowMb: number;
  /** What it ever sent to the disk, megabytes (proc_pid_io(5), write_bytes). */
  readonly writtenMb: number;
}

/** `pid`: a process of this user's. */
export function usageOf(pid: number | "self"): Usage {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kb = (name: string) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))?.[1]);
  const io = Deno.readTextFileSync(`/proc/${pid}/io`);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
    peakMb: kb("VmHWM") / 1024,
    nowMb: kb("VmRSS") / 1024,
    writtenMb: Number(io.match(/^write_bytes: (\d+)$/m)?.[1]) / 1024 / 1024,
  };
}
