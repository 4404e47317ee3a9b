/** The API with a configuration that can be tried out, and an administrator who does. */
import { loadText } from "./config_file.ts";
import { FakeLogger } from "./logger.ts";
import { tempHome } from "./temp_home.ts";
import { type ApiStand, apiStand, type Client } from "./api_stand.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ConfigService } from "../../src/service/config_service.ts";

export interface DraftStand extends AsyncDisposable {
  readonly stand: ApiStand;
  readonly admin: Client & { readonly cookie: string; readonly csrf: string };
}

/** Over the configuration that `yaml` is. Nothing can be applied. */
export async function draftStand(yaml: string): Promise<DraftStand> {
  const loaded = await loadText(yaml);
  const home = await tempHome();
  const changes = new ConfigService({
    home: home.path,
    env: () => undefined,
    readTextFile: () => Promise.reject(new Deno.errors.NotFound()),
    clock: systemClock,
    engine: { loaded, change: () => Promise.reject(new Error("a draft changes nothing")) },
    log: () => new FakeLogger(),
  });
  const stand = await apiStand({ changes, clock: systemClock });
  return {
    stand,
    admin: await stand.login("administrator"),
    async [Symbol.asyncDispose]() {
      await stand[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}
