/** A PUBLISH as it came over the wire, not yet decoded. */
export interface MqttMessage {
  readonly topic: string;
  /** The payload; its first part where `payloadBytes` says that it was longer. */
  readonly payload: Uint8Array;
  /** Length of the payload as the broker sent it. */
  readonly payloadBytes: number;
  readonly qos: number;
  readonly isRetained: boolean;
  /** The broker has tried to deliver it before (DUP). */
  readonly isRedelivered: boolean;
  /** 0 for QoS 0, which has none. */
  readonly packetId: number;
}
