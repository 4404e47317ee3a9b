import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { type Problem, request } from "../src/web/client/api.ts";
import { problemIn } from "../src/web/client/loaded.ts";
import { TextField } from "./parts/field.tsx";
import { ProblemNote } from "./parts/problem.tsx";

const CODE_HELP =
  "The connector wrote it to its log and console when it started: “setup code: ABCD-1234”. It proves that you have access to this host.";

/** Makes the first administrator, and logs in as that. */
export function Setup(_props: Record<never, never>): VNode {
  const code = useSignal("");
  const username = useSignal("");
  const password = useSignal("");
  const again = useSignal("");
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const differs = again.value !== "" && again.value !== password.value;
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (again.value !== password.value) return;
    isBusy.value = true;
    try {
      const login = { username: username.value.trim(), password: password.value };
      await request("POST", "/api/setup", { body: { code: code.value.trim(), ...login } }); // logs in too
      location.assign("/zerobus");
    } catch (error) {
      problem.value = problemIn(error);
      isBusy.value = false;
    }
  }
  return (
    <div class="panel panel-body">
      <ol class="steps" aria-label="First steps">
        <li aria-current="step">1 Administrator</li>
        <li>2 Databricks</li>
        <li>3 First source</li>
      </ol>
      <h1>Make the administrator</h1>
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      <form onSubmit={submit}>
        <TextField
          label="Setup code"
          value={code.value}
          help={CODE_HELP}
          placeholder="ABCD-1234"
          isRequired
          onInput={(value) => code.value = value}
        />
        <TextField
          label="User name"
          value={username.value}
          autocomplete="username"
          isRequired
          onInput={(value) => username.value = value}
        />
        <TextField
          label="Password"
          type="password"
          value={password.value}
          autocomplete="new-password"
          help="Twelve characters or more; a sentence will do."
          isRequired
          onInput={(value) => password.value = value}
        />
        <TextField
          label="Password again"
          type="password"
          value={again.value}
          autocomplete="new-password"
          fault={differs ? "The two passwords differ" : undefined}
          isRequired
          onInput={(value) => again.value = value}
        />
        <button class="button button-main" type="submit" disabled={isBusy.value || differs}>
          Make the administrator
        </button>
      </form>
    </div>
  );
}
