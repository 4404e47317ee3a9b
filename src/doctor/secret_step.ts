import { fail, ok, type Step } from "./step.ts";

/** What is asked of a store of secrets. */
export interface StoreState {
  /** For people. */
  readonly place: string;
  /** Why some cannot be had, a sentence each. */
  readonly failures: readonly string[];
}

/** Whether every secret that the configuration takes from a store can be had. */
export function secretStep({ place, failures }: StoreState): Step {
  return {
    id: "secrets",
    title: "Store of secrets",
    run() {
      if (failures.length === 0) return Promise.resolve(ok(`${place} gives all that is named`));
      return Promise.resolve(fail({
        measured: place,
        cause: failures.join(". "),
        remedy: {
          what:
            "Compare security.secrets with docs/secrets.md: the address, who the connector is, and what it may read.",
        },
      }));
    },
  };
}
