import type { z } from "zod";
import type { BrowseSession } from "./browse.ts";
import type { Clock } from "./clock.ts";
import type { ListenSession } from "./listen.ts";
import type { Logger } from "./logger.ts";
import type { ProfileSpec } from "./profile.ts";
import type { Batch, Reading, Stamp } from "./reading.ts";
import type { RegisterLab } from "./register_lab.ts";
import type { SourceMemory } from "./source_memory.ts";

/**
 * A session with one device, server or broker. It owns no retry loop: when the session is lost, `batches` throws, and
 * whoever called makes a new source.
 */
export interface Source extends AsyncDisposable {
  /**
   * Opens the session. `signal` bounds this attempt only.
   * @throws {ConnectionError} the peer cannot be reached @throws {AuthError} it refuses us @throws {ConfigError} a setting cannot work
   */
  connect(signal: AbortSignal): Promise<void>;
  /**
   * Readings as they arrive. Returns once `signal` aborts.
   * The source may be slow to be read: whoever iterates pauses to push back, and the source then holds back the device.
   * @throws {ConnectionError} the session is lost
   */
  batches(signal: AbortSignal): AsyncIterable<Batch>;
  /**
   * Aborts once the session is lost, where that shows while nobody asks for more. `batches` gives what had arrived, and
   * throws after that. Not there where only a request tells.
   */
  readonly lost?: AbortSignal;
}

/** What a source's configuration says, parsed: the common keys of `sources[]`, and `settings`, its protocol's block. */
export interface SourceConfig<C = unknown> {
  readonly name: string;
  readonly endpoint: string;
  /** Fill the bronze columns of the same names (`plc_name`, `industry`, …); all of them go into the column `labels`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: C;
}

/** The queue pushed back; the device, or a unit behind it, did not answer; or there is more to read than there is time. */
export type PollSkipCause = "queue_full" | "silent" | "too_slow";

/** Things worth showing that are not readings. Adapters report them; telemetry turns them into logs and counters. */
export type SourceEvent =
  /** The session is being repaired by the protocol's library; data is not flowing. */
  | { readonly kind: "repairing"; readonly reason: string }
  | { readonly kind: "repaired" }
  /** Loss or repetition on the device's side of the line, which the ledger can only count beside itself. */
  | {
    readonly kind: "device_side";
    readonly what:
      | "overflow"
      | "poll_skipped"
      | "redelivered"
      | "dropped_qos0"
      | "sparkplug_gap"
      | "sparkplug_no_birth"
      | "sparkplug_old_death"
      | "sparkplug_rebirth_request"
      | "line_checksum"
      | "line_truncated"
      | "line_foreign"
      | "line_noise";
    readonly count: number;
    /** Why polls were skipped. */
    readonly cause?: PollSkipCause;
  }
  /** One tag fails while the others go on. `wasTold`: as it did in the session before. */
  | { readonly kind: "tag_failed"; readonly tag: string; readonly reason: string; readonly wasTold?: true }
  /** `isLeft`: what the tag was of is not there any more, and is not read. */
  | { readonly kind: "tag_recovered"; readonly tag: string; readonly isLeft?: true };

/** Spaces requests, so that a fragile device is not asked faster than it may be. */
export interface Pace {
  /** Resolves when one request may be sent, in the order of the calls. @throws the signal's reason when it aborts first */
  turn(signal: AbortSignal): Promise<void>;
}

/** What `security.certificates.validation` asks of the certificates that peers show. */
export interface CertificateRules {
  /** Whether a certificate that an authority answers for must name the host that we connect to. */
  readonly verifyHostname: boolean;
  /** `never`: no revocation list is needed; `always`: one that is overdue counts as none. */
  readonly checkRevocation: "never" | "when_crl_present" | "always";
}

/** What a source is given instead of reaching for it. */
export interface SourceDeps {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Absolute path of the home directory, which file settings are relative to. */
  readonly home: string;
  readonly edgeId: string;
  /** PEM text of extra root certificates for outgoing TLS (`security.ca_bundle_path`). */
  readonly extraRoots: string | undefined;
  /** The default of each rule where it is not there. */
  readonly certificateRules?: CertificateRules;
  /** Spaces the requests to the device (`rate_limit.requests_per_second`). Not there where nothing limits them. */
  readonly pace?: Pace;
  /** This source's own, across restarts. Not there where nothing is to be kept, as for a look at a device. */
  readonly memory?: SourceMemory;
  report(event: SourceEvent): void;
}

/** Turns a reading into its full bronze message. */
export type Encode<R extends Reading = Reading> = (reading: R, stamp: Stamp) => Uint8Array;

/** A message that a device once sent, as its dead letter keeps it. */
export interface KeptMessage {
  readonly tag: string;
  readonly payload: Uint8Array;
  /** When it became a dead letter: microseconds since 1970-01-01 UTC. */
  readonly timeUs: number;
}

/** Makes readings of a message as if it came now. Pure. @throws {DecodeError} where it cannot be decoded now either */
export type DecodeAgain = (message: KeptMessage) => readonly Reading[];

/** A setting that asks for something this version does not do. `path` is relative to the entry in `sources[]`. */
export interface Unsupported {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Something of which there is one, for one session. */
export interface Resource {
  /** For people, and the same text for the same thing: `serial line /dev/ttyUSB0`. */
  readonly name: string;
  /** The setting that names it, relative to the entry in `sources[]`. */
  readonly path: readonly (string | number)[];
}

/** A protocol's code and libraries, once loaded. Everything it makes is pure to make: no I/O before `connect`. */
export interface SourceAdapter<C = unknown> {
  create(config: SourceConfig<C>, deps: SourceDeps): Source;
  /** Where it can show what the peer has: a session of its own that does. */
  browse?(config: SourceConfig<C>, deps: SourceDeps): BrowseSession;
  /** Where messages come by themselves: a session of its own that hears them. */
  listen?(config: SourceConfig<C>, deps: SourceDeps): ListenSession;
  /** Where a value's type is for people to know: a session of its own that reads it in every type. */
  lab?(config: SourceConfig<C>, deps: SourceDeps): RegisterLab;
}

/** One protocol, declared as a value: see `src/sources/mod.ts` for the list. */
export interface SourceSpec<C = unknown, R extends Reading = Reading> {
  /** The word in `protocol:`, and the name of the protocol's block. */
  readonly type: string;
  /** The column group of bronze: which message in protos/ its rows are. */
  readonly message: string;
  readonly summary: string;
  /** Checks `endpoint:`; its metadata documents it. */
  readonly endpoint: z.ZodType<string>;
  readonly schema: z.ZodType<C>;
  /** The key in the protocol's block that lists what is read. The list may be empty while a source is looked through. */
  readonly list: string;
  /** Where sources can name lists that stand in files of their own. */
  readonly profiles?: ProfileSpec;
  /** Settings that parse and that this version cannot do: refused by `check` and at start, never ignored. */
  unsupported(config: SourceConfig<C>): readonly Unsupported[];
  /** Settings that work and are hardly meant so: warnings of `check`. */
  cautions?(config: SourceConfig<C>): readonly Unsupported[];
  /** How many readings its settings ask for, where they say that. */
  readingsPerSecond?(config: SourceConfig<C>): number;
  /** Whether it reads by requests, each of which waits for `SourceDeps.pace`. */
  readonly isPaced?: true;
  /** What only one session may hold: two enabled sources that name the same are refused. */
  resources?(config: SourceConfig<C>): readonly Resource[];
  /**
   * The same device for a look at it beside a running connector, whose session and messages it must leave alone. `mark`
   * tells this look from others at the same time.
   */
  aside?(config: SourceConfig<C>, mark: string): SourceConfig<C>;
  /** Made once per source: what is the same for all its rows is prepared here, off the hot path. */
  encoder(config: SourceConfig<C>): Encode<R>;
  /** For protocols whose refusals hold all of the device's message. Its readings are those that `encoder` takes. */
  decodeAgain?(config: SourceConfig<C>): DecodeAgain;
  /** Loads the adapter and its libraries. */
  load(): Promise<SourceAdapter<C>>;
}

/** Declares a protocol. The result forgets the protocol's own types, so that specs can stand in one list. */
export function defineSource<C, R extends Reading>(spec: SourceSpec<C, R>): SourceSpec {
  // The list pairs each spec only with configs that its own schema parsed and readings that its own adapter made.
  return spec as unknown as SourceSpec;
}
