import type { Logger } from "../../core/logger.ts";

/** The time in which a server gave no data, over all sessions that were tried meanwhile. */
export class Outage {
  #sinceUs: number | undefined;

  /** A session is lost, and `sinceUs` is when data or a sign of life last came; the first loss counts. */
  begin(sinceUs: number): void {
    this.#sinceUs ??= sinceUs;
  }

  /** A new session is there: what was queued for the lost one is gone. */
  end(nowUs: number, log: Logger): void {
    if (this.#sinceUs === undefined) return;
    const [from, to] = [iso(this.#sinceUs), iso(nowUs)];
    this.#sinceUs = undefined;
    const isOneDay = from.slice(0, 10) === to.slice(0, 10);
    const [begin, end] = isOneDay ? [from.slice(11, 19), to.slice(11, 19)] : [from, to];
    log.log("warn", `No data from ${begin} to ${end} (UTC); what the server had queued is lost`, { from, to });
  }
}

function iso(us: number): string {
  return new Date(us / 1000).toISOString().replace(/\.\d+/, "");
}
