import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent, VNode } from "preact";
import { changeOwnPassword, readSessions, type RoleName } from "../src/web/client/access.ts";
import type { Problem } from "../src/web/client/api.ts";
import { filledIn, useScripted } from "../src/web/client/filled_in.ts";
import { problemIn, useLoaded } from "../src/web/client/loaded.ts";
import { TextField } from "./parts/field.tsx";
import { ProblemNote, View } from "./parts/problem.tsx";
import { Note } from "./parts/state.tsx";
import { SessionList } from "./users/session_list.tsx";

export interface AccountProps {
  readonly user: string;
  readonly role: RoleName;
}

/** Who is logged in: the password, and the browsers that are logged in so. */
export function Account({ user, role }: AccountProps): VNode {
  const { loaded, reload } = useLoaded(readSessions);
  const told = useSignal<string | undefined>(undefined);
  function done(text: string): void {
    told.value = text;
    reload();
  }
  return (
    <>
      <h1>My account</h1>
      <p class="soft break">{user}, {role}</p>
      {told.value ? <Note level="ok" isUrgent>{told.value}</Note> : null}
      <PasswordForm />
      <section class="panel" aria-labelledby="sessions-title">
        <header>
          <h2 id="sessions-title">My sessions</h2>
        </header>
        <View of={loaded.value} what="the sessions">
          {(items) => <SessionList items={items.filter(({ username }) => username === user)} onDone={done} />}
        </View>
      </section>
    </>
  );
}

/** The page is loaded anew once it is changed: the session is another one then. */
function PasswordForm(): VNode {
  const problem = useSignal<Problem | undefined>(undefined);
  const differs = useSignal(false);
  const isBusy = useSignal(false);
  const isScripted = useScripted();
  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const { old = "", password = "", again } = filledIn(event.currentTarget);
    differs.value = again !== password;
    if (differs.value) return;
    isBusy.value = true;
    problem.value = undefined;
    try {
      await changeOwnPassword(old, password);
      location.assign("/settings/account?password=changed");
    } catch (error) {
      problem.value = problemIn(error);
      isBusy.value = false;
    }
  }
  return (
    <section class="panel" aria-labelledby="password-title">
      <header>
        <h2 id="password-title">Change my password</h2>
      </header>
      <form class="panel-body" method="post" onSubmit={submit}>
        {problem.value ? <ProblemNote problem={problem.value} /> : null}
        {wasChanged()
          ? <Note level="ok">Your password is changed, and all your other sessions have ended.</Note>
          : null}
        <div class="fields">
          <TextField label="Old password" name="old" type="password" autocomplete="current-password" isRequired />
          <TextField
            label="New password"
            name="password"
            type="password"
            autocomplete="new-password"
            help="Ten characters or more; a sentence will do."
            isRequired
          />
          <TextField
            label="New password again"
            name="again"
            type="password"
            autocomplete="new-password"
            fault={differs.value ? "The two passwords differ" : undefined}
            isRequired
          />
        </div>
        <p class="soft small">All your other sessions end.</p>
        <div class="actions">
          <button class="button button-main" type="submit" disabled={isBusy.value || !isScripted}>
            Change the password
          </button>
        </div>
      </form>
    </section>
  );
}

function wasChanged(): boolean {
  return typeof document !== "undefined" && new URLSearchParams(location.search).has("password");
}
