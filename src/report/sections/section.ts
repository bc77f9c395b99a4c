/** A report as blocks, from which both Markdown and HTML are written: what one says, the other says too. */

export type Tone = 'good' | 'bad' | 'unsure'

export type Cell = string | { readonly text: string; readonly tone: Tone }

export interface Column {
  readonly title: string
  /** Figures, aligned at their end. */
  readonly figure?: boolean
}

export interface Table {
  readonly kind: 'table'
  /** What the rows are; HTML shows it above them. */
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

export type Block =
  | Table
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'verdict'; readonly text: string; readonly tone: Tone }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** Lines from elsewhere, as they are. */
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  /** Markup of an SVG; Markdown has the tables beside it. */
  | { readonly kind: 'chart'; readonly caption: string; readonly svg: string }

export interface Section {
  /** Of the anchor. */
  readonly id: string
  readonly title: string
  readonly blocks: readonly Block[]
}

export const text = (line: string): Block => ({ kind: 'text', text: line })

export const list = (items: readonly string[]): Block[] => (items.length === 0 ? [] : [{ kind: 'list', items }])

/** Columns by their titles; a title that ends with `#` is of figures. */
export function table(caption: string, titles: readonly string[], rows: readonly (readonly Cell[])[]): Block[] {
  const columns = titles.map((title) =>
    title.endsWith('#') ? { title: title.slice(0, -1).trim(), figure: true } : { title },
  )
  return rows.length === 0 ? [] : [{ kind: 'table', caption, columns, rows }]
}
