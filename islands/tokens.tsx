import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { readTokens, removeToken, type TokenItem } from "../src/web/client/access.ts";
import { dateTime } from "../src/web/client/format.ts";
import { useLoaded } from "../src/web/client/loaded.ts";
import { Ask } from "./parts/ask.tsx";
import { Paged } from "./parts/paged.tsx";
import { View } from "./parts/problem.tsx";
import { Note } from "./parts/state.tsx";
import { NewToken, TokenText } from "./tokens/new_token.tsx";

const PER_PAGE = 25;

/** Tokens with which scripts ask the API. */
export function Tokens(_props: Record<never, never>): VNode {
  const { loaded, reload } = useLoaded(readTokens);
  const isAdding = useSignal(false);
  const made = useSignal<string | undefined>(undefined);
  const revoked = useSignal<TokenItem | undefined>(undefined);
  const told = useSignal<string | undefined>(undefined);
  return (
    <>
      <div class="head">
        <h1>API tokens</h1>
        <div class="actions">
          <button class="button button-main" type="button" onClick={() => isAdding.value = true}>Make a token</button>
        </div>
      </div>
      <p class="soft">
        A script sends one as <code>authorization: Bearer iot_…</code>{" "}
        with each request. It may what its role may, never more than the user who made it, and ends with that user.{" "}
        <a href="/api/docs">What the API can do</a>
      </p>
      {made.value ? <TokenText text={made.value} onHide={() => made.value = undefined} /> : null}
      {told.value ? <Note level="ok" isUrgent>{told.value}</Note> : null}
      <section class="panel" aria-label="API tokens">
        <View of={loaded.value} what="the tokens">
          {(items) =>
            items.length === 0 ? <Empty /> : <Table items={items} onRevoke={(item) => revoked.value = item} />}
        </View>
      </section>
      {isAdding.value
        ? (
          <NewToken
            onMade={(text) => {
              isAdding.value = false;
              made.value = text;
              told.value = undefined;
              reload();
            }}
            onClose={() => isAdding.value = false}
          />
        )
        : null}
      {revoked.value
        ? (
          <Revoke
            token={revoked.value}
            onDone={(text) => {
              revoked.value = undefined;
              told.value = text;
              reload();
            }}
            onClose={() => revoked.value = undefined}
          />
        )
        : null}
    </>
  );
}

function Empty(): VNode {
  return (
    <div class="empty">
      <h2>No token yet</h2>
      <p>Scripts and other systems need one to ask this connector: a SCADA system that shows its state, say.</p>
    </div>
  );
}

interface TableProps {
  readonly items: readonly TokenItem[];
  readonly onRevoke: (item: TokenItem) => void;
}

function Table({ items, onRevoke }: TableProps): VNode {
  return (
    <Paged items={items} size={PER_PAGE} what="tokens">
      {(shown) => (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of tokens">
          <table class="stack">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Role</th>
                <th scope="col">Made by</th>
                <th scope="col">Made</th>
                <th scope="col">Ends</th>
                <th scope="col">Last used, to the hour</th>
                <th scope="col">
                  <span class="seen-by-readers">Revoke</span>
                </th>
              </tr>
            </thead>
            <tbody>{shown.map((item) => <Row key={item.id} item={item} onRevoke={onRevoke} />)}</tbody>
          </table>
        </div>
      )}
    </Paged>
  );
}

function Row({ item, onRevoke }: Pick<TableProps, "onRevoke"> & { readonly item: TokenItem }): VNode {
  const { name, role, owner, created, expires, last_used } = item;
  return (
    <tr>
      <td class="break">{name}</td>
      <td data-head="Role">{role}</td>
      <td class="break" data-head="Made by">{owner}</td>
      <td data-head="Made">{dateTime(created)}</td>
      <td data-head="Ends">{expires === null ? "When it is revoked" : dateTime(expires)}</td>
      <td data-head="Last used">{last_used === null ? "Never" : dateTime(last_used)}</td>
      <td>
        <button
          class="button button-bad"
          type="button"
          aria-label={`Revoke ${name}`}
          onClick={() => onRevoke(item)}
        >
          Revoke
        </button>
      </td>
    </tr>
  );
}

interface RevokeProps {
  readonly token: TokenItem;
  readonly onDone: (text: string) => void;
  readonly onClose: () => void;
}

function Revoke({ token: { id, name }, onDone, onClose }: RevokeProps): VNode {
  return (
    <Ask
      title={`Revoke ${name}`}
      yes="Revoke"
      isBad
      act={() => removeToken(id)}
      onDone={() => onDone(`${name} is revoked.`)}
      onClose={onClose}
    >
      <p>Whatever uses it is refused from now on. Nothing brings it back.</p>
    </Ask>
  );
}
