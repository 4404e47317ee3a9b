import { testBuffer } from "../../../tests/contract/buffer.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";
import type { SpoolBufferOptions } from "./spool_buffer_options.ts";

const KINDS: [string, Partial<SpoolBufferOptions>][] = [
  ["SpoolBuffer", {}],
  ["SpoolBuffer with rows in memory until there is a reason", { spillThreshold: 0.8 }],
];

for (const [name, overrides] of KINDS) {
  testBuffer(name, async () => {
    const home = new SpoolHome();
    const buffer = await home.open(overrides);
    const dispose = buffer[Symbol.asyncDispose].bind(buffer);
    return Object.assign(buffer, {
      async [Symbol.asyncDispose]() {
        await dispose();
        await home[Symbol.asyncDispose]();
      },
    });
  });
}
