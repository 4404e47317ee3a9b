import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { type Problem, request } from "../src/web/client/api.ts";
import { problemIn } from "../src/web/client/loaded.ts";
import { TextField } from "./parts/field.tsx";
import { ProblemNote } from "./parts/problem.tsx";

export interface LoginProps {
  /** Path of the page that was asked for. */
  readonly next: string;
}

/** The form that begins a session. */
export function Login({ next }: LoginProps): VNode {
  const username = useSignal("");
  const password = useSignal("");
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    isBusy.value = true;
    try {
      await request("POST", "/api/session", { body: { username: username.value, password: password.value } });
      location.assign(next);
    } catch (error) {
      problem.value = problemIn(error);
      password.value = "";
      isBusy.value = false;
    }
  }
  return (
    <div class="panel panel-body">
      <h1>Log in</h1>
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      <form onSubmit={submit}>
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
          autocomplete="current-password"
          isRequired
          onInput={(value) => password.value = value}
        />
        <button class="button button-main" type="submit" disabled={isBusy.value}>Log in</button>
      </form>
    </div>
  );
}
