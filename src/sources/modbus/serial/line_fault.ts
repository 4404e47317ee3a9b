/**
 * What came in place of an answer. `checksum`: an answer that is damaged. `truncated`: the beginning of one.
 * `foreign`: a right frame of a unit or function that was not asked. `noise`: nothing of these.
 */
export type LineFaultKind = "checksum" | "truncated" | "foreign" | "noise";

export interface LineFault {
  readonly kind: LineFaultKind;
  /** As the end of "unit 7 …". */
  readonly text: string;
  /** It says itself what to do. */
  readonly isAdvice?: true;
}

const FORMAT = "check that baudrate, parity, bytesize and stopbits are the device's";
const GATEWAY = "check the gateway's serial settings, and that it passes frames on as they are";

const TCP_FRAME = "what came is a frame of Modbus TCP: use modbus+tcp:// for this gateway";
const LATE = "; a late answer or another master's: raise timeout_seconds first";

/** What to look at when no frame was ever right. */
export function adviceFor(kind: "serial" | "remote"): string {
  return kind === "serial" ? FORMAT : GATEWAY;
}

/** Bytes in which no answer is. */
export function restFault(rest: Uint8Array, torn: "truncated" | "checksum" | undefined): LineFault {
  switch (torn) {
    case "checksum":
      return { kind: "checksum", text: "gave an answer with a wrong check sum" };
    case "truncated":
      return { kind: "truncated", text: `gave an answer that broke off (${rest.length} bytes)` };
    case undefined:
      if (isTcpFrame(rest)) return { kind: "noise", text: `did not answer; ${TCP_FRAME}`, isAdvice: true };
      return { kind: "noise", text: `did not answer; what came is noise (${rest.length} bytes)` };
    default:
      return torn satisfies never;
  }
}

/** Whether these bytes are one frame of Modbus TCP (Modbus Messaging on TCP/IP V1.0b, 3.1.3). */
function isTcpFrame(bytes: Uint8Array): boolean {
  if (bytes.length < 9) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint16(2) === 0 && view.getUint16(4) === bytes.length - 6;
}

/** A right frame that answers nothing. */
export function foreignFault(
  frame: { readonly unitId: number; readonly functionCode: number },
  slaveId: number,
): LineFault {
  const from = frame.unitId === slaveId ? `for function ${frame.functionCode & 0x7f}` : `from unit ${frame.unitId}`;
  const advice = frame.unitId === slaveId ? LATE : `; set slave_id: ${frame.unitId}, or look for a second master`;
  return { kind: "foreign", text: `did not answer; a frame ${from} came in its place${advice}` };
}
