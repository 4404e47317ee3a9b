import type { EdgeError } from "../core/error.ts";
import type { Receipt } from "./buffer.ts";

/** A receipt that knows how many parts of its handover are still on their way. */
export class PendingReceipt implements Receipt {
  readonly durable: Promise<void>;
  readonly #settle: PromiseWithResolvers<void>;
  #parts = 1; // the handing over itself, until `close`

  constructor() {
    this.#settle = Promise.withResolvers();
    this.durable = this.#settle.promise;
    this.durable.catch(() => {/* whoever needs it awaits it; a device that cannot hold back has nobody who does */});
  }

  open(): void {
    this.#parts++;
  }

  /** One part is durable. */
  close(): void {
    if (--this.#parts === 0) this.#settle.resolve();
  }

  fail(reason: EdgeError): void {
    this.#settle.reject(reason);
  }
}
