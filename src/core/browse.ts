/**
 * What people look at to find what a source should read: nodes of an OPC UA server, topics heard at a broker, registers
 * of a Modbus device. An adapter that can show them has `browse` beside `create` (`SourceAdapter`): found by presence,
 * without a session being opened, and without the entries that the source's configuration may not have yet.
 */
export interface BrowseSession extends AsyncDisposable {
  /**
   * Opens a session of its own, beside the one that reads, which it leaves alone. `signal` bounds this attempt only.
   * @throws {ConnectionError} the peer cannot be reached @throws {AuthError} it refuses us @throws {ConfigError} a setting cannot work
   */
  connect(signal: AbortSignal): Promise<void>;
  /**
   * One page of what lies directly under a place. It reads and subscribes, and changes nothing at the peer. What listens
   * gives what it has heard when `signal` aborts; what asks throws the signal's reason.
   * @throws {ConfigError} with code `browse_no_place` when `under` names nothing, saying how its places are written
   * @throws {ConnectionError} the session is lost
   */
  children(request: BrowseRequest, signal: AbortSignal): Promise<BrowsePage>;
}

/** Which page of children is asked for. */
export interface BrowseRequest {
  /** The `id` of what to look into, as a node gave it or a person wrote it; undefined: where everything begins. */
  readonly under: string | undefined;
  /** `next` of the page before; undefined: the first page. */
  readonly after: string | undefined;
  /** The most nodes in the page, alternatives not counted: 1 to `MAX_BROWSE_PAGE`. */
  readonly limit: number;
  /** How long to listen, for a protocol that only hears what is sent meanwhile; others do not wait. */
  readonly listenMs: number;
}

/** The most nodes in one page. */
export const MAX_BROWSE_PAGE = 1000;

export interface BrowsePage {
  readonly nodes: readonly BrowseNode[];
  /** Where the next page begins, for `after` within this session; undefined: this was the last. */
  readonly next: string | undefined;
}

/** What one thing at the peer is. `folder`: it holds others and has no value. */
export type BrowseKind = "folder" | "variable" | "topic" | "register";

/** One thing that a peer has. */
export interface BrowseNode {
  /** Names the place within the peer, in the protocol's own words (node id, topic, `holding:40`): `under` takes it. */
  readonly id: string;
  /** For people; not unique. */
  readonly name: string;
  readonly kind: BrowseKind;
  /** Whether `under` this there is more; undefined where only looking tells. */
  readonly hasChildren: boolean | undefined;
  /** The type as the configuration or the protocol calls it: `Double`, `float32`, `json`. */
  readonly dataType?: string;
  /** What it says now; not there where it has no value or was not read. */
  readonly sample?: BrowseSample;
  /** Further facts for people, by name: `qos`, `retained`, `messages_per_second`, `description`. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  /** What the configuration needs to read it; not there for what cannot be read. */
  readonly configure?: BrowseEntry;
  /** Other ways to read the same place, where the peer does not say which is right: Modbus types and orders. */
  readonly alternatives?: readonly BrowseAlternative[];
}

/** A value at the time of looking, as text that loses nothing. */
export interface BrowseSample {
  readonly value: string;
  /** The device's own word on it, where its protocol has one. */
  readonly status?: string;
  /** When it was so: microseconds since 1970-01-01 UTC. */
  readonly timeUs?: number;
}

/** A member of a list in the source's block, ready to be put there. */
export interface BrowseEntry {
  /** The list's key: `nodes`, `topics`, `registers`. */
  readonly list: string;
  /** Only keys that are not at their defaults. */
  readonly entry: Readonly<Record<string, BrowseSetting>>;
}

export type BrowseSetting = string | number | boolean | { readonly [key: string]: BrowseSetting };

/** One more way to understand a node's bytes. */
export interface BrowseAlternative {
  readonly dataType: string;
  readonly sample?: BrowseSample;
  readonly configure: BrowseEntry;
}
