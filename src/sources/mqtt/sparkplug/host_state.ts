import { NAMESPACE } from "./topic.ts";

/** Where a host application says whether it is there (Sparkplug 3.0, 4.2.2). */
export function stateTopic(hostId: string): string {
  return `${NAMESPACE}/STATE/${hostId}`;
}

/** The payload there. That of the will has the time of the birth that it ends. */
export function statePayload(isOnline: boolean, timestampMs: number): string {
  return JSON.stringify({ online: isOnline, timestamp: timestampMs });
}

/** Whether this is somebody's word that the host is not there. */
export function saysOffline(payload: Uint8Array): boolean {
  try {
    const state: unknown = JSON.parse(new TextDecoder().decode(payload));
    return typeof state === "object" && state !== null && "online" in state && state.online === false;
  } catch {
    return false;
  }
}
