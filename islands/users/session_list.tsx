import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { endSession, type SessionItem } from "../../src/web/client/access.ts";
import { ago, dateTime } from "../../src/web/client/format.ts";
import { Ask } from "../parts/ask.tsx";
import { Paged } from "../parts/paged.tsx";

const PER_PAGE = 20;

interface SessionListProps {
  readonly items: readonly SessionItem[];
  /** Whether they are of several users. */
  readonly hasUsers?: boolean;
  /** Is told what was done, in words. */
  readonly onDone: (text: string) => void;
}

/** Browsers that are logged in. */
export function SessionList({ items, hasUsers = false, onDone }: SessionListProps): VNode {
  const asked = useSignal<SessionItem | undefined>(undefined);
  return (
    <>
      <Paged items={items} size={PER_PAGE} what="sessions">
        {(shown) => (
          <div class="scroll" tabIndex={0} role="region" aria-label="Table of sessions">
            <table class="stack">
              <thead>
                <tr>
                  {hasUsers ? <th scope="col">User</th> : null}
                  <th scope="col">From</th>
                  <th scope="col">Begun</th>
                  <th scope="col">Last request</th>
                  <th scope="col">
                    <span class="seen-by-readers">End it</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {shown.map((item) => (
                  <Row
                    key={item.id}
                    item={item}
                    hasUsers={hasUsers}
                    onEnd={() => asked.value = item}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Paged>
      {asked.value ? <End item={asked.value} onDone={onDone} onClose={() => asked.value = undefined} /> : null}
    </>
  );
}

interface RowProps {
  readonly item: SessionItem;
  readonly hasUsers: boolean;
  readonly onEnd: () => void;
}

function Row({ item: { username, from, began, last_seen, is_own }, hasUsers, onEnd }: RowProps): VNode {
  return (
    <tr>
      {hasUsers ? <td class="break">{username}</td> : null}
      <td class="mono" data-head="From">{from}</td>
      <td data-head="Begun">{dateTime(began)}</td>
      <td data-head="Last request">{ago(last_seen, Date.now())}</td>
      <td>
        {is_own ? <span class="soft">This browser</span> : (
          <button
            class="button"
            type="button"
            aria-label={`End the session of ${username} from ${from}`}
            onClick={onEnd}
          >
            End
          </button>
        )}
      </td>
    </tr>
  );
}

interface EndProps extends Pick<SessionListProps, "onDone"> {
  readonly item: SessionItem;
  readonly onClose: () => void;
}

function End({ item: { id, username, from }, onDone, onClose }: EndProps): VNode {
  return (
    <Ask
      title="End a session"
      yes="End the session"
      isBad
      act={() => endSession(id)}
      onDone={() => {
        onClose();
        onDone(`The session of ${username} has ended.`);
      }}
      onClose={onClose}
    >
      <p>
        The browser of {username} at <span class="mono">{from}</span> has to log in again.
      </p>
    </Ask>
  );
}
