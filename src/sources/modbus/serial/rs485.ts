/**
 * `struct serial_rs485` of Linux (include/uapi/linux/serial.h), little-endian:
 *
 * ```text
 * flags 4 | delay_rts_before_send 4 (ms) | delay_rts_after_send 4 (ms) | padding 20
 * ```
 */
export interface Rs485Settings {
  /** The level of RTS that lets the driver send. */
  readonly rts_on_send: "high" | "low";
  readonly delay_before_send_ms: number;
  readonly delay_after_send_ms: number;
}

const ENABLED = 1 << 0;
const RTS_ON_SEND = 1 << 1;
const RTS_AFTER_SEND = 1 << 2;

/** RTS has the other level while nothing is sent. The receiver rests while the driver sends. */
export function encodeRs485(settings: Rs485Settings): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ENABLED | (settings.rts_on_send === "high" ? RTS_ON_SEND : RTS_AFTER_SEND), true);
  view.setUint32(4, settings.delay_before_send_ms, true);
  view.setUint32(8, settings.delay_after_send_ms, true);
  return bytes;
}
