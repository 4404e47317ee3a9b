import { z } from "zod";
import type { ProfileSpec } from "../../core/profile.ts";
import { integer } from "../../core/schema.ts";
import { ADDRESSINGS } from "./address.ts";
import { isBits, mappingSettings } from "./mapping_settings.ts";
import abbB23 from "./profiles/abb_b23.yaml" with { type: "text" };
import eastronSdm630 from "./profiles/eastron_sdm630.yaml" with { type: "text" };
import janitzaUmg96pa from "./profiles/janitza_umg96pa.yaml" with { type: "text" };

/** A member of `devices:`. */
export const deviceSettings = z.strictObject({
  profile: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, dashes or underscores").meta({
    description:
      "Which registers it has: the file config/profiles/NAME.yaml, or a profile that is part of the connector.",
    examples: ["eastron_sdm630"],
  }),
  slave_id: integer(0, 255).nullable().default(null).meta({
    description: "Its unit id. Not set: the source's slave_id.",
  }),
  prefix: z.string().max(128).default("").meta({
    description: "Put before the names of its tags, so that two devices of one profile differ.",
    examples: ["main_"],
  }),
  poll_interval_seconds: z.number().min(0.001).max(86_400).nullable().default(null).meta({
    description: "How often to read it. Not set: as the profile says, else the source's poll_interval_seconds.",
    unit: "s",
  }),
});

/** A profile's file. Unit ids are the devices' matter. */
const profileSettings = z.strictObject({
  title: z.string().max(256),
  document: z.string().max(1024),
  max_registers_per_request: integer(1, 125).default(125),
  addressing: z.enum(ADDRESSINGS).default("zero_based"),
  registers: z.array(mappingSettings).min(1).max(5000),
});

type Profile = z.output<typeof profileSettings>;

/** Only what differs from what the source says anyway. */
function entriesOf({ registers, max_registers_per_request: most, addressing }: Profile, device: Device) {
  const { slave_id, prefix = "", poll_interval_seconds } = device;
  return registers.map((register) => ({
    ...register,
    name: `${prefix}${register.name}`,
    addressing: register.addressing ?? addressing,
    max_registers_per_request: isBits(register) ? null : register.max_registers_per_request ?? most,
    slave_id: slave_id ?? register.slave_id,
    poll_interval_seconds: poll_interval_seconds ?? register.poll_interval_seconds,
  }));
}

/** As it is written: what is not there is not there. */
type Device = Partial<z.input<typeof deviceSettings>>;

/** Device profiles of Modbus. */
export const modbusProfiles: ProfileSpec = {
  key: "devices",
  schema: profileSettings,
  shipped: { abb_b23: abbB23, eastron_sdm630: eastronSdm630, janitza_umg96pa: janitzaUmg96pa },
  // The spec's reader has parsed the one by the schema above, and found `profile` in the other.
  entries: (profile, device) => entriesOf(profile as Profile, device as Device),
};
