import { z } from "zod";
import { integer } from "../../../core/schema.ts";

const delay = integer(0, 1000).default(0);

const rs485 = z.strictObject({
  rts_on_send: z.enum(["high", "low"]).default("high").meta({
    description: "The level of RTS that turns the transceiver to sending.",
  }),
  delay_before_send_ms: delay.meta({
    description: "Rest between turning the transceiver to sending and the first bit.",
    unit: "ms",
  }),
  delay_after_send_ms: delay.meta({
    description: "Rest between the last bit and turning the transceiver back.",
    unit: "ms",
  }),
});

/** The block `serial:` of a Modbus source. */
export const serialSettings = z.strictObject({
  baudrate: integer(300, 4_000_000).default(9600).meta({ description: "Speed of the serial line.", unit: "bit/s" }),
  bytesize: integer(5, 8).default(8).meta({
    description: "Data bits of a character: 8 for RTU, 7 or 8 for ASCII.",
    unit: "bits",
  }),
  parity: z.enum(["N", "E", "O"]).default("N").meta({ description: "Parity: none, even or odd." }),
  stopbits: z.union([z.literal(1), z.literal(1.5), z.literal(2)]).default(1).meta({
    description: "Stop bits of a character.",
    unit: "bits",
  }),
  timeout_seconds: z.number().min(0.01).max(600).default(1).meta({
    description:
      "How long a device on the line may take to answer; the time that the bytes themselves take is added to it.",
    unit: "s",
  }),
  rs485: rs485.nullable().default(null).meta({
    description:
      "Lets the line's driver switch an RS-485 transceiver by RTS. Not set: the adapter does it by itself, as those for USB do.",
  }),
});
