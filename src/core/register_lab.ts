/**
 * What people look at to find how registers should be read: a range of them as it is now, understood in every way. An
 * adapter that can show that has `lab` beside `create` (`SourceAdapter`).
 */

/** A session of its own, which reads and never writes. */
export interface RegisterLab extends AsyncDisposable {
  /**
   * `signal` bounds this attempt only.
   * @throws {ConnectionError} the device cannot be reached @throws {ConfigError} a setting cannot work
   */
  connect(signal: AbortSignal): Promise<void>;
  /**
   * @throws {ConfigError} `lab_no_range` for addresses that there are not, `lab_exception` for what the device refuses
   * @throws {ConnectionError} the session is lost, or the unit is silent
   */
  read(range: LabRange, signal: AbortSignal): Promise<LabReading>;
}

export interface LabRange {
  /** Undefined: the source's own. */
  readonly unit: number | undefined;
  readonly table: "holding" | "input" | "coil" | "discrete";
  readonly address: number;
  /** Undefined: as the source says. */
  readonly addressing: "auto" | "zero_based" | "modicon" | undefined;
  readonly count: number;
}

/** The four orders of bytes and registers, as manuals call them. */
export const LAB_ORDERS = ["ABCD", "CDAB", "BADC", "DCBA"] as const;

export interface LabReading {
  readonly unit: number;
  readonly registers: readonly LabRegister[];
}

/** What one address holds, and what begins there. */
export interface LabRegister {
  /** Protocol address: the first is 0. */
  readonly address: number;
  /** The same in Modicon notation, `40001`: the first is 1. */
  readonly modicon: string;
  /** The 16 bits, or the one of a coil or discrete input. */
  readonly raw: number;
  readonly values: readonly LabValues[];
  /** The entry of the configuration that reads this address as it is. */
  readonly entry: Readonly<Record<string, string | number>>;
}

/** One type in all orders. null: it holds no such value, or the order makes no other one of it. */
export interface LabValues {
  readonly type: string;
  /** In the order of `LAB_ORDERS`. */
  readonly values: readonly (string | null)[];
}
