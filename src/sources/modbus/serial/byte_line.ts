/** A way for bytes to a device and back: a serial line, or a TCP connection to a gateway. */
export interface ByteLine extends AsyncDisposable {
  /** `serial`: opened here. `remote`: behind a gateway, which may close the connection. */
  readonly kind: "serial" | "remote";
  /** Its name for people: `/dev/ttyUSB0`, `10.0.0.7:4001`. */
  readonly name: string;
  /** How long it must be silent before a request. */
  readonly silenceMs: number;
  /** Aborts, with a `ConnectionError` as its reason, when the line is over. */
  readonly lost: AbortSignal;
  /** How long so many bytes are on their way, where that is known here. */
  transferMs(bytes: number): number;
  /** @throws {ConnectionError} the line is lost */
  send(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /**
   * What has come; where that is nothing, what comes first within `withinMs`, or no bytes.
   * @throws {ConnectionError} the line is lost
   */
  receive(withinMs: number): Promise<Uint8Array>;
}
