import { VERSION } from "../lib/version.ts";
import { type Command, EXIT } from "./command.ts";

/** `version`: which connector this is. */
export const version: Command = {
  name: "version",
  usage: "[--json]",
  summary: "print the version",
  options: { json: { type: "boolean" } },
  run({ flags }, { out }) {
    const runtime = Deno.version.deno;
    out(
      flags.json
        ? `${JSON.stringify({ version: VERSION, deno: runtime })}\n`
        : `iot-connector ${VERSION} (Deno ${runtime})\n`,
    );
    return Promise.resolve(EXIT.ok);
  },
};
