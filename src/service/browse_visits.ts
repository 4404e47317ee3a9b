/** Looks through devices page by page: the session of one look is kept for the next. */
import type { SourceEntry } from "../config/mod.ts";
import type { BrowsePage, BrowseRequest, BrowseSession } from "../core/browse.ts";
import { ConfigError, ConnectionError } from "../core/error.ts";
import type { SourceDeps } from "../core/source.ts";
import { abortable } from "../lib/condition.ts";
import { withDeadline } from "../lib/deadline.ts";
import { noPage, openBrowse, PAGE_MS } from "./browse_source.ts";
import { depsFor } from "./deps_for.ts";

/** Sessions at a time: some devices have five in all. */
const MAX_VISITS = 4;
/** A session that nobody asked for anything is closed after so long. */
const IDLE_MS = 60_000;
const SWEEP_MS = 5_000;

/** Who looks, and at what: the same key goes on with the same session. */
export interface VisitKey {
  readonly owner: string;
  /** Changes with every setting of the source. */
  readonly subject: string;
}

interface Visit extends VisitKey {
  readonly session: BrowseSession;
  /** Requests under way. */
  busy: number;
  idleSinceMs: number;
}

export class BrowseVisits implements AsyncDisposable {
  readonly #deps: Omit<SourceDeps, "report">;
  readonly #visits = new Set<Visit>();
  /** Under way: two first pages at once are of one session. */
  readonly #opening = new Map<string, Promise<Visit>>();
  #sweeping: Disposable | undefined;
  #isOver = false;

  constructor(deps: Omit<SourceDeps, "report">) {
    this.#deps = deps;
  }

  /**
   * A page of what lies under a place. `entryOf` is asked where there is no session yet.
   * @throws {ConfigError} `too_many_looks` @throws {EdgeError} as `openBrowse` and `BrowseSession.children`
   */
  async page(
    key: VisitKey,
    entryOf: () => Promise<SourceEntry>,
    { request, signal }: { readonly request: BrowseRequest; readonly signal: AbortSignal },
  ): Promise<BrowsePage> {
    const visit = this.#find(key) ?? await this.#opened(key, entryOf, signal);
    visit.busy++;
    try {
      const ms = request.listenMs + PAGE_MS;
      const late = () => noPage(request.under, ms);
      const { clock } = this.#deps;
      return await withDeadline((bounded) => visit.session.children(request, bounded), { clock, ms, late, signal });
    } catch (error) {
      if (error instanceof ConnectionError) await this.#close(visit);
      throw error;
    } finally {
      visit.busy--;
      visit.idleSinceMs = this.#deps.clock.monotonicMs();
    }
  }

  /** Closes all of an owner's: the device has its sessions back. */
  async leave(owner: string): Promise<void> {
    await Promise.all([...this.#visits].filter((visit) => visit.owner === owner).map((visit) => this.#close(visit)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#visits].map((visit) => this.#close(visit)));
  }

  #find({ owner, subject }: VisitKey): Visit | undefined {
    return [...this.#visits].find((visit) => visit.owner === owner && visit.subject === subject);
  }

  /** Who comes while another's request opens the session waits for it; should that one go away, he opens his own. */
  async #opened(key: VisitKey, entryOf: () => Promise<SourceEntry>, signal: AbortSignal): Promise<Visit> {
    const name = JSON.stringify([key.owner, key.subject]);
    for (let other = this.#opening.get(name); other; other = this.#opening.get(name)) {
      const visit = await abortable(other.catch(() => undefined), signal);
      if (visit && this.#visits.has(visit)) return visit;
    }
    const opening = this.#open(key, entryOf, signal);
    this.#opening.set(name, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(name);
    }
  }

  async #open(key: VisitKey, entryOf: () => Promise<SourceEntry>, signal: AbortSignal): Promise<Visit> {
    const entry = await entryOf();
    await this.#makeRoom(key.owner);
    const { spec, config, alternates } = entry;
    const deps = depsFor(entry, { ...this.#deps, report: () => {} });
    const { session } = await openBrowse({ spec, places: [config, ...alternates], deps, signal });
    const visit: Visit = { ...key, session, busy: 0, idleSinceMs: this.#deps.clock.monotonicMs() };
    this.#visits.add(visit);
    if (this.#isOver || signal.aborted) {
      await this.#close(visit);
      throw signal.reason ?? new ConfigError("stopped", "The connector stops");
    }
    this.#sweeping ??= this.#deps.clock.every(SWEEP_MS, () => this.#sweep());
    return visit;
  }

  /** Whoever looks at another device is done with the one before; else who has waited longest makes way. */
  async #makeRoom(owner: string): Promise<void> {
    const idle = [...this.#visits].filter(({ busy }) => busy === 0).sort((a, b) => a.idleSinceMs - b.idleSinceMs);
    const own = idle.filter((visit) => visit.owner === owner);
    const isFull = this.#visits.size - own.length + this.#opening.size > MAX_VISITS;
    const longest = isFull ? idle.find((visit) => visit.owner !== owner) : undefined;
    await Promise.all([...own, ...longest ? [longest] : []].map((visit) => this.#close(visit)));
    if (!isFull || longest) return;
    throw new ConfigError("too_many_looks", `${MAX_VISITS} devices are looked at already: try again in some seconds`);
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    const idle = [...this.#visits].filter(({ busy, idleSinceMs }) => busy === 0 && nowMs - idleSinceMs >= IDLE_MS);
    await Promise.all(idle.map((visit) => this.#close(visit)));
  }

  async #close(visit: Visit): Promise<void> {
    if (!this.#visits.delete(visit)) return;
    if (this.#visits.size === 0) {
      this.#sweeping?.[Symbol.dispose]();
      this.#sweeping = undefined;
    }
    await visit.session[Symbol.asyncDispose]();
  }
}
