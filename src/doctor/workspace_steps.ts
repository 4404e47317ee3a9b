/** The workspace itself: its clock, and whether it knows the service principal. */
import type { Clock } from "../core/clock.ts";
import { AuthError, reasonOf } from "../core/error.ts";
import { endpointDoubt, pairDoubt, workspaceDoubt } from "../core/databricks_address.ts";
import type { TokenCache } from "../sinks/zerobus/token.ts";
import { fail, type Finding, ok, type Step, warn } from "./step.ts";

/** The header has whole seconds, and the answer takes its time. */
const SKEW_MS = 30_000;
/** Tokens and certificates begin to fail. */
const MAX_SKEW_MS = 300_000;

/** Whether the two addresses look like what they should be. */
export function addressStep(workspace: string, endpoint: string): Step {
  return {
    id: "addresses",
    title: "Addresses",
    run() {
      const doubts = [workspaceDoubt(workspace), endpointDoubt(endpoint), pairDoubt(workspace, endpoint)];
      const cause = doubts.filter((doubt) => doubt !== undefined).join(" ");
      const measured = `${workspace}, ${endpoint}`;
      const what = "Compare them with the address in the browser, and with what docs/zerobus.md says of the endpoint.";
      return Promise.resolve(cause === "" ? ok(measured) : warn({ measured, cause, remedy: { what } }));
    },
  };
}

export interface ClockStepOptions {
  readonly clock: Clock;
  /** The `Date` header of an answer of the workspace; undefined where there is none. */
  serverDate(signal: AbortSignal): Promise<string | undefined>;
  readonly needs: readonly string[];
}

export function clockStep({ clock, serverDate, needs }: ClockStepOptions): Step {
  return {
    id: "clock",
    title: "This host's clock",
    needs,
    async run(signal) {
      const serverMs = Date.parse(await serverDate(signal) ?? "");
      if (Number.isNaN(serverMs)) return ok("the workspace says no time to compare with");
      return judgeSkew(clock.nowUs() / 1000 - serverMs);
    },
  };
}

/** `skewMs`: how far this host is ahead. */
export function judgeSkew(skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const measured = `${seconds} s ${skewMs < 0 ? "behind" : "ahead of"} the workspace`;
  if (Math.abs(skewMs) < SKEW_MS) return ok(measured);
  return (Math.abs(skewMs) < MAX_SKEW_MS ? warn : fail)({
    measured,
    cause: "Times in rows would be wrong by as much, and tokens and certificates may be taken for expired.",
    remedy: { what: "Let the host follow a time server:", copy: "timedatectl set-ntp true" },
  });
}

export interface TokenStepOptions {
  readonly tokens: Pick<TokenCache, "forWorkspace">;
  readonly needs: readonly string[];
}

export function tokenStep({ tokens, needs }: TokenStepOptions): Step {
  return {
    id: "token",
    title: "Client ID and secret",
    needs,
    async run(signal) {
      try {
        await tokens.forWorkspace(signal);
        return ok("the workspace gives a token");
      } catch (error) {
        if (!(error instanceof AuthError)) throw error;
        return fail({
          measured: reasonOf(error).replace(/\. Check .*$/, ""),
          cause: "The workspace does not know this client ID, or the secret is wrong or has ended.",
          remedy: {
            what:
              "In the workspace, Settings, Identity and access, Service principals: compare the application ID with " +
              "zerobus.auth.client_id, then Secrets, Generate secret, and enter the new one.",
          },
        });
      }
    },
  };
}
