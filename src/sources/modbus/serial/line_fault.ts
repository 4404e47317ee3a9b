/**
 * What came in place of an answer. `checksum`: an answer that is damaged. `truncated`: the beginning of one.
 * `foreign`: a right frame of a unit or function that was not asked. `noise`: nothing of these.
 */
export type LineFaultKind = "checksum" | "truncated" | "foreign" | "noise";

export interface LineFault {
  readonly kind: LineFaultKind;
  /** As the end of "unit 7 …". */
  readonly text: string;
}

const FORMAT = "check that baudrate, parity, bytesize and stopbits are the device's";
const GATEWAY = "check the gateway's serial settings, and that it passes frames on as they are";

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
      return { kind: "noise", text: `did not answer; what came is noise (${rest.length} bytes)` };
    default:
      return torn satisfies never;
  }
}

/** A right frame that answers nothing. */
export function foreignFault(
  frame: { readonly unitId: number; readonly functionCode: number },
  slaveId: number,
): LineFault {
  const from = frame.unitId === slaveId ? `for function ${frame.functionCode & 0x7f}` : `from unit ${frame.unitId}`;
  const advice = frame.unitId === slaveId ? "" : `; set slave_id: ${frame.unitId}, or look for a second master`;
  return { kind: "foreign", text: `did not answer; a frame ${from} came in its place${advice}` };
}
