import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { type Problem, request } from "../src/web/client/api.ts";
import { filledIn, useScripted } from "../src/web/client/filled_in.ts";
import { problemIn } from "../src/web/client/loaded.ts";
import { TextField } from "./parts/field.tsx";
import { ProblemNote } from "./parts/problem.tsx";

export interface LoginProps {
  /** Path of the page that was asked for. */
  readonly next: string;
}

/** The form that begins a session. */
export function Login({ next }: LoginProps): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const isScripted = useScripted();
  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const { username, password } = filledIn(event.currentTarget);
    isBusy.value = true;
    try {
      await request("POST", "/api/session", { body: { username, password } });
      location.assign(next);
    } catch (error) {
      problem.value = problemIn(error);
      isBusy.value = false;
    }
  }
  return (
    <div class="panel panel-body">
      <h1>Log in</h1>
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      <form method="post" onSubmit={submit}>
        <TextField label="User name" name="username" autocomplete="username" isRequired />
        <TextField label="Password" name="password" type="password" autocomplete="current-password" isRequired />
        <button class="button button-main" type="submit" disabled={isBusy.value || !isScripted}>Log in</button>
      </form>
    </div>
  );
}
