/** This host: its disk and clock zone, what may be opened, and the spool. */
import { statfs } from "node:fs/promises";
import type { Config } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import { infoOf } from "../core/home_file.ts";
import { openSpoolAdmin, spoolStat } from "../service/spool_admin.ts";
import { fail, type Finding, ok, type Step, warn } from "./step.ts";

const MEGABYTE = 1024 * 1024;
/** Beside the spool: logs, state, exports. */
const SPARE_MB = 200;
/** Files and sockets of a connector without sources, and of each source. */
const OWN_HANDLES = 256;
const HANDLES_PER_SOURCE = 4;

export interface HostStepsOptions {
  readonly config: Config;
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
  /** Who else could read or change what decides about the connector, a sentence each. */
  readonly warnings: readonly string[];
  readonly sourceCount: number;
}

export function hostSteps(options: HostStepsOptions): Step[] {
  const { config, home, clock, warnings, sourceCount } = options;
  const step = (id: string, title: string, run: () => Promise<Finding> | Finding): Step => ({
    id: `host.${id}`,
    title,
    run: () => Promise.resolve().then(run),
  });
  return [
    step("home", "Home directory", () => judgeHome(home, warnings)),
    step("disk", "Free disk space", async () => judgeSpace(await freeMb(home), await neededMb(config, home))),
    step("handles", "Open files", () => judgeHandles(home, OWN_HANDLES + HANDLES_PER_SOURCE * sourceCount)),
    step("zone", "Time zone", () => ok(zoneText(clock))),
    step("spool", "Spool and its key", () => judgeSpool(options)),
  ];
}

function judgeHome(home: string, warnings: readonly string[]): Finding {
  const probe = `${home}/.doctor-${crypto.randomUUID()}`;
  try {
    using file = Deno.openSync(probe, { write: true, createNew: true, mode: 0o600 });
    file.syncSync();
  } catch (error) {
    return fail({
      measured: `${home}: ${reasonOf(error)}`,
      cause: "Nothing can be written there: no spool, no identity, no changes of the configuration.",
      remedy: { what: "Give the directory to the connector's user:", copy: `chown -R ${Deno.uid()} ${home}` },
    });
  }
  Deno.removeSync(probe);
  if (warnings.length === 0) return ok(`${home} can be written, and is its owner's alone`);
  return warn({
    measured: `${home} can be written`,
    cause: `${warnings.join(". ")}.`,
    remedy: { what: "Take the rights from others:", copy: `chmod -R go-rwx ${home}` },
  });
}

async function freeMb(home: string): Promise<number> {
  const { bavail, bsize } = await statfs(home);
  return Math.floor(bavail * bsize / MEGABYTE);
}

/** What the spool may still grow by, and some more. */
function neededMb({ backpressure: { disk_spool } }: Config, home: string): number {
  const taken = infoOf(`${home}/${disk_spool.path}/spool.db`)?.size ?? 0;
  return Math.max(0, disk_spool.max_size_mb - Math.floor(taken / MEGABYTE)) + SPARE_MB;
}

/** Pure. */
export function judgeSpace(free: number, needed: number): Finding {
  const measured = `${free} MB free, and ${needed} MB may be needed`;
  if (free >= needed) return ok(measured);
  return (free < SPARE_MB ? fail : warn)({
    measured,
    cause: "The disk is full before the spool is: readings are then held back at their devices.",
    remedy: {
      what: "Make room, or let the spool take less:",
      copy: `backpressure:\n  disk_spool: { max_size_mb: ${Math.max(16, free - SPARE_MB)} }`,
    },
  });
}

/** Opens so many at once: whether one may, nothing else tells. */
function judgeHandles(home: string, needed: number): Finding {
  using opened = new DisposableStack();
  let count = 0;
  try {
    for (; count < needed; count++) opened.use(Deno.openSync(home));
    return ok(`${needed} can be open at once`);
  } catch (error) {
    return fail({
      measured: `after ${count} of ${needed}: ${reasonOf(error)}`,
      cause: "The host lets this user open too few files and connections at once.",
      remedy: { what: "In the systemd unit, or as ulimit -n:", copy: "LimitNOFILE=65536" },
    });
  }
}

function zoneText(clock: Clock): string {
  const now = new Date(clock.nowUs() / 1000);
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return `${timeZone}, ${now.toISOString()}; rows and logs hold UTC`;
}

async function judgeSpool({ config, home, clock }: HostStepsOptions): Promise<Finding> {
  try {
    using spool = await openSpoolAdmin({ config, home, clock });
    const { total, maxBytes, ledger } = spoolStat(spool, config);
    const measured = `${total.rows} rows wait, ${mb(total.bytes)} of ${mb(maxBytes)} MB; the key fits`;
    if (ledger.balanced) return ok(measured);
    const cause = "The ledger does not balance.";
    return fail({
      measured,
      cause,
      remedy: { what: "Please report this, with the output of:", copy: "iot-connector spool stat --json" },
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return unopened(error, config);
  }
}

function unopened({ code, message }: ConfigError, { backpressure: { disk_spool } }: Config): Finding {
  if (code === "spool_missing") return ok("not there yet: it and its key are made at the first start");
  if (code === "spool_in_use") return ok("a connector that runs uses it: iot-connector spool stat tells more");
  return fail({
    measured: code,
    cause: message,
    remedy: {
      what: "Restore these from the backup, together:",
      copy: `${disk_spool.path}/\n${disk_spool.encryption_key_path}`,
    },
  });
}

function mb(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}
