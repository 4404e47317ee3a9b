import type { PendingReceipt } from "../receipt.ts";
import type { RowPack } from "../row_pack.ts";

/** Accepted rows that no commit has taken yet. */
export interface PendingPack {
  readonly pack: RowPack;
  readonly receipt: PendingReceipt;
  readonly acceptedAtMs: number;
  /** The dead letter whose place it takes in the commit that writes it. */
  readonly replaces?: number;
  /** The device would send it again: it is never dropped from memory. */
  readonly isWithheld?: boolean;
}
