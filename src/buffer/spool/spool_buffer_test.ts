import { testBuffer } from "../../../tests/contract/buffer.ts";
import { SpoolHome } from "../../../tests/fakes/spool.ts";

testBuffer("SpoolBuffer", async () => {
  const home = new SpoolHome();
  const buffer = await home.open();
  const dispose = buffer[Symbol.asyncDispose].bind(buffer);
  return Object.assign(buffer, {
    async [Symbol.asyncDispose]() {
      await dispose();
      await home[Symbol.asyncDispose]();
    },
  });
});
