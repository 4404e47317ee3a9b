import type { z } from "zod";

/** Lists of what is read that are written once per kind of device, in files of their own, and named by sources. */
export interface ProfileSpec {
  /** The key in the protocol's block that lists devices; `profile` of each names its file. */
  readonly key: string;
  /** What a profile's file says. */
  readonly schema: z.ZodType;
  /** YAML texts of the profiles that are part of the connector, by name. */
  readonly shipped: Readonly<Record<string, string>>;
  /**
   * What a device adds to the protocol's list, one entry per entry of its profile, as they are written in files. Both
   * have been checked: `profile` by `schema`; of `device` it is known that its profile is there.
   */
  entries(profile: unknown, device: unknown): readonly Readonly<Record<string, unknown>>[];
}
