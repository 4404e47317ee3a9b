import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { readSessions, readUsers, type UserItem } from "../src/web/client/access.ts";
import { dateTime } from "../src/web/client/format.ts";
import { useLoaded } from "../src/web/client/loaded.ts";
import { View } from "./parts/problem.tsx";
import { Note } from "./parts/state.tsx";
import { SessionList } from "./users/session_list.tsx";
import { type Asked, UserDialog } from "./users/user_dialog.tsx";

export interface UsersProps {
  /** Who looks. */
  readonly user: string;
}

/** Who may log in, and who is. */
export function Users({ user }: UsersProps): VNode {
  const users = useLoaded(readUsers);
  const sessions = useLoaded(readSessions);
  const asked = useSignal<Asked | undefined>(undefined);
  const told = useSignal<string | undefined>(undefined);
  function done(text: string): void {
    asked.value = undefined;
    told.value = text;
    users.reload();
    sessions.reload();
  }
  return (
    <>
      <div class="head">
        <h1>Users</h1>
        <div class="actions">
          <button class="button button-main" type="button" onClick={() => asked.value = { what: "add" }}>
            Add a user
          </button>
        </div>
      </div>
      {told.value ? <Note level="ok" isUrgent>{told.value}</Note> : null}
      <section class="panel" aria-label="Users">
        <View of={users.loaded.value} what="the users">
          {(items) => <Table items={items} self={user} onAsk={(what) => asked.value = what} />}
        </View>
      </section>
      <section class="panel" aria-labelledby="sessions-title">
        <header>
          <h2 id="sessions-title">Sessions</h2>
        </header>
        <View of={sessions.loaded.value} what="the sessions">
          {(items) => <SessionList items={items} hasUsers onDone={done} />}
        </View>
      </section>
      {asked.value ? <UserDialog asked={asked.value} onDone={done} onClose={() => asked.value = undefined} /> : null}
    </>
  );
}

interface TableProps {
  readonly items: readonly UserItem[];
  readonly self: string;
  readonly onAsk: (asked: Asked) => void;
}

function Table({ items, self, onAsk }: TableProps): VNode {
  const administrators = items.filter(({ role }) => role === "administrator").length;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of users">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Since</th>
            <th scope="col">
              <span class="seen-by-readers">Changes</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((user) => (
            <Row
              key={user.username}
              user={user}
              isSelf={user.username === self}
              isLast={user.role === "administrator" && administrators === 1}
              onAsk={onAsk}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Pick<TableProps, "onAsk"> {
  readonly user: UserItem;
  readonly isSelf: boolean;
  /** Somebody has to be able to change something. */
  readonly isLast: boolean;
}

const LAST = "The last administrator: make another one first";

function Row({ user, isSelf, isLast, onAsk }: RowProps): VNode {
  const { username, role, created } = user;
  const button = (what: "role" | "password" | "remove", text: string) => (
    <button
      class={`button${what === "remove" ? " button-bad" : ""}`}
      type="button"
      aria-label={`${username}: ${text.toLowerCase()}`}
      disabled={isLast && what !== "password"}
      title={isLast && what !== "password" ? LAST : undefined}
      onClick={() => onAsk({ what, user })}
    >
      {text}
    </button>
  );
  return (
    <tr>
      <td class="break">
        {username} {isSelf ? <span class="soft">(you)</span> : null}
      </td>
      <td>
        {role}
        {isLast ? <p class="soft small">{LAST}</p> : null}
      </td>
      <td data-head="Since">{dateTime(created)}</td>
      <td>
        <div class="actions">
          {button("role", "Role")}
          {isSelf ? <a class="button" href="/settings/account">Password</a> : button("password", "New password")}
          {button("remove", "Remove")}
        </div>
      </td>
    </tr>
  );
}
