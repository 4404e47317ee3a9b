import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { addUser, changeUser, removeUser, ROLE_TEXTS, ROLES, type UserItem } from "../../src/web/client/access.ts";
import { Ask } from "../parts/ask.tsx";
import { ChoiceField, TextField } from "../parts/field.tsx";

/** What is about to be done. */
export type Asked =
  | { readonly what: "add" }
  | { readonly what: "role" | "password" | "remove"; readonly user: UserItem };

interface UserDialogProps {
  readonly asked: Asked;
  /** Is told what was done, in words. */
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}

/** Asks for what it needs, and does it. */
export function UserDialog({ asked, ...ends }: UserDialogProps): VNode {
  switch (asked.what) {
    case "add":
      return <AddUser {...ends} />;
    case "role":
      return <ChangeRole user={asked.user} {...ends} />;
    case "password":
      return <NewPassword user={asked.user} {...ends} />;
    case "remove":
      return <RemoveUser user={asked.user} {...ends} />;
  }
}

type Ends = Omit<UserDialogProps, "asked">;

const PASSWORD_HELP = "Ten characters or more; a sentence will do. Tell it on a way that nobody else reads.";

function AddUser({ onDone, onClose }: Ends): VNode {
  const name = useSignal("");
  const role = useSignal<string>("viewer");
  const password = useSignal("");
  const act = () => addUser({ username: name.value.trim(), role: role.value, password: password.value });
  return (
    <Ask
      title="Add a user"
      yes="Add"
      act={act}
      onDone={() => onDone(`${name.value.trim()} may log in now.`)}
      onClose={onClose}
    >
      <TextField label="User name" value={name.value} isRequired onInput={(value) => name.value = value} />
      <RoleField value={role.value} onChange={(value) => role.value = value} />
      <TextField
        label="Password"
        type="password"
        autocomplete="new-password"
        help={PASSWORD_HELP}
        value={password.value}
        isRequired
        onInput={(value) => password.value = value}
      />
    </Ask>
  );
}

function ChangeRole({ user: { username, role: before }, onDone, onClose }: Ends & { user: UserItem }): VNode {
  const role = useSignal<string>(before);
  return (
    <Ask
      title={`Role of ${username}`}
      yes="Change the role"
      act={() => changeUser(username, { role: role.value })}
      onDone={() => onDone(`${username} is ${role.value} now, and has to log in again.`)}
      onClose={onClose}
    >
      <RoleField value={role.value} onChange={(value) => role.value = value} />
      <p class="soft">Sessions of {username} end, and the user logs in again.</p>
    </Ask>
  );
}

function NewPassword({ user: { username }, onDone, onClose }: Ends & { user: UserItem }): VNode {
  const password = useSignal("");
  return (
    <Ask
      title={`New password for ${username}`}
      yes="Set the password"
      act={() => changeUser(username, { password: password.value })}
      onDone={() => onDone(`${username} has a new password, and has to log in with it.`)}
      onClose={onClose}
    >
      <TextField
        label="New password"
        type="password"
        autocomplete="new-password"
        help={PASSWORD_HELP}
        value={password.value}
        isRequired
        onInput={(value) => password.value = value}
      />
      <p class="soft">Sessions of {username} end.</p>
    </Ask>
  );
}

function RemoveUser({ user: { username }, onDone, onClose }: Ends & { user: UserItem }): VNode {
  return (
    <Ask
      title={`Remove ${username}`}
      yes="Remove"
      isBad
      act={() => removeUser(username)}
      onDone={() => onDone(`${username} is removed.`)}
      onClose={onClose}
    >
      <p>Sessions of {username} end, and API tokens that {username} made end too. What was done stays in the audit.</p>
    </Ask>
  );
}

/** Which role, and what it may. */
export function RoleField(
  { value, onChange }: { readonly value: string; readonly onChange: (role: string) => void },
): VNode {
  const role = ROLES.find((each) => each === value) ?? "viewer";
  const options = ROLES.map((each) => [each, each] as const);
  return <ChoiceField label="Role" value={role} options={options} help={`${ROLE_TEXTS[role]}.`} onChange={onChange} />;
}
