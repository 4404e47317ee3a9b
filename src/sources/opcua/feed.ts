/** Where values come from while a session lives: a subscription, or reading again and again. */
export interface Feed {
  /** Asks for values, from now on. */
  ask(): void;
  /** Asks no more, until `ask`: what was asked for still comes. */
  hold(): void;
  /** The connection is gone; so is what was asked for on it. */
  stop(): void;
  /**
   * The connection is back, in another session if `isSessionNew`: what was missed is fetched, as far as it can be, and
   * more is asked for.
   * @throws when values cannot come in this session any more
   */
  resume(isSessionNew: boolean): Promise<void>;
  /** Whether the server said nothing for longer than it may. */
  readonly isSilent: boolean;
  /** How long the server has said nothing; it does not have to while it is not asked. */
  readonly quietMs: number;
  /** Why the connection is gone: where the server was asked and failed to give a sign of life, that is the cause. */
  readonly breakReason: string;
}
