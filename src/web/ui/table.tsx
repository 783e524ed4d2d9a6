import type { ComponentChildren } from 'preact'
import { Button } from './button.tsx'

/** Rows under headings, which scroll sideways where there is no room; more of them are fetched when asked for. */
export function Table ({ caption, head, rows, none, more, onMore }: {
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: ReadonlyArray<{ readonly id: string, readonly cells: readonly ComponentChildren[] }> | undefined
  /** What is said where there are none. */
  readonly none: string
  readonly more: string
  /** Undefined where all are there. */
  readonly onMore: (() => Promise<unknown>) | undefined
}) {
  if (rows?.length === 0) return <p class="quiet">{none}</p>
  return (
    <>
      <div class="table" role="group" aria-label={caption} tabIndex={0}>
        <table>
          <caption class="visually-hidden">{caption}</caption>
          <thead><tr>{head.map((text) => <th key={text} scope="col">{text}</th>)}</tr></thead>
          <tbody>{rows?.map(({ id, cells }) => <tr key={id}>{cells.map((cell, index) => <td key={index}>{cell}</td>)}</tr>)}</tbody>
        </table>
      </div>
      {onMore !== undefined && <div><Button onPress={onMore}>{more}</Button></div>}
    </>
  )
}
