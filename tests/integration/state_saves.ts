/** What is kept of what people do: a way to save each, with a number in it. */
import { prepareState, stateText } from "../../src/config/mod.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { Users } from "../../src/security/mod.ts";
import { CertificateStore } from "../../src/service/certificate_store.ts";

export const SAVES: Readonly<Record<string, (home: string, number: number) => void | Promise<void>>> = {
  /** A list of its own number. */
  state: (home, number) => {
    using file = prepareState(home, stateText({ list: Array.from({ length: 20_000 }, () => number) }));
    file.commit();
  },
  /** One user less each time. */
  users: (home, number) => new Users(home).remove(`user${number}`),
  /** A chain of as many certificates. */
  upload: async (home, number) => {
    const pem = Deno.readTextFileSync(`${home}/given.pem`).repeat(number);
    await new CertificateStore(home, systemClock).add(new TextEncoder().encode(pem));
  },
};
