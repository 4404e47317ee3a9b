import type { VNode } from "preact";
import { dateTime } from "../../src/web/client/format.ts";
import type { LetterItem, LetterPage } from "../../src/web/client/letters.ts";

interface LetterListProps {
  readonly page: LetterPage;
  /** Ids of those that are ticked, on other pages too. */
  readonly ticked: ReadonlySet<number>;
  readonly onTick: (ids: readonly number[], isTicked: boolean) => void;
  readonly onOpen: (id: number) => void;
}

/** A page of letters, to be ticked and opened. */
export function LetterList({ page: { items }, ticked, onTick, onOpen }: LetterListProps): VNode {
  const isWhole = items.every(({ id }) => ticked.has(id));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="List of dead letters">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col" class="tick">
              <input
                type="checkbox"
                aria-label="Tick all of this page"
                checked={isWhole}
                onChange={() => onTick(items.map(({ id }) => id), !isWhole)}
              />
            </th>
            <th scope="col">Time</th>
            <th scope="col">Source</th>
            <th scope="col">Table</th>
            <th scope="col">Why</th>
            <th scope="col">
              <span class="seen-by-readers">Detail</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Letter
              key={item.id}
              item={item}
              isTicked={ticked.has(item.id)}
              onTick={(isTicked) => onTick([item.id], isTicked)}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LetterProps {
  readonly item: LetterItem;
  readonly isTicked: boolean;
  readonly onTick: (isTicked: boolean) => void;
  readonly onOpen: (id: number) => void;
}

function Letter({ item, isTicked, onTick, onOpen }: LetterProps): VNode {
  const { id, time, source, table, code, reason } = item;
  return (
    <tr>
      <td class="tick">
        <input
          type="checkbox"
          aria-label={`Tick letter ${id}`}
          checked={isTicked}
          onChange={(event) => onTick(event.currentTarget.checked)}
        />
      </td>
      <td>{time ? dateTime(time) : "unknown"}</td>
      <td class="break">{source}</td>
      <td class="break mono">{table}</td>
      <td class="break">
        <span class="mono">{code ?? "unreadable"}</span>
        <br />
        {reason}
      </td>
      <td>
        <button class="button" type="button" aria-label={`Letter ${id}: detail`} onClick={() => onOpen(id)}>
          Detail
        </button>
      </td>
    </tr>
  );
}
