import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { type Problem, request } from "../src/web/client/api.ts";
import { filledIn, useScripted } from "../src/web/client/filled_in.ts";
import { problemIn } from "../src/web/client/loaded.ts";
import { TextField } from "./parts/field.tsx";
import { ProblemNote } from "./parts/problem.tsx";

const CODE_HELP =
  "The connector wrote it to its log and console when it started: “setup code: ABCD-1234”. It proves that you have access to this host.";

/** Makes the first administrator, and logs in as that. */
export function Setup(_props: Record<never, never>): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const differs = useSignal(false);
  const isBusy = useSignal(false);
  const isScripted = useScripted();
  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const { code = "", username = "", password, again } = filledIn(event.currentTarget);
    differs.value = again !== password;
    if (differs.value) return;
    isBusy.value = true;
    try {
      const body = { code: code.trim(), username: username.trim(), password };
      await request("POST", "/api/setup", { body }); // logs in too
      location.assign("/start");
    } catch (error) {
      problem.value = problemIn(error);
      isBusy.value = false;
    }
  }
  return (
    <div class="panel panel-body">
      <ol class="steps" aria-label="First steps">
        <li aria-current="step">1 Administrator</li>
        <li>2 Where rows go</li>
        <li>3 First source</li>
      </ol>
      <h1>Make the administrator</h1>
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      <form method="post" onSubmit={submit}>
        <TextField label="Setup code" name="code" help={CODE_HELP} placeholder="ABCD-1234" isRequired />
        <TextField label="User name" name="username" autocomplete="username" isRequired />
        <TextField
          label="Password"
          name="password"
          type="password"
          autocomplete="new-password"
          help="Ten characters or more; a sentence will do."
          isRequired
        />
        <TextField
          label="Password again"
          name="again"
          type="password"
          autocomplete="new-password"
          fault={differs.value ? "The two passwords differ" : undefined}
          isRequired
        />
        <button class="button button-main" type="submit" disabled={isBusy.value || !isScripted}>
          Make the administrator
        </button>
      </form>
    </div>
  );
}
