import { xmlText } from '../charts/svg.ts'

/** Markup that is safe to write as it is: from the template below, or from our own charts. */
export class Html {
  readonly markup: string

  constructor(markup: string) {
    this.markup = markup
  }
}

type Value = string | number | Html | undefined | readonly Value[]

/** A template whose values are escaped, for text and for attributes in double quotes. `undefined` writes nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let markup = strings[0] ?? ''
  for (const [index, value] of values.entries()) markup += written(value) + (strings[index + 1] ?? '')
  return new Html(markup)
}

function written(value: Value): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.markup
  if (typeof value === 'string' || typeof value === 'number') return xmlText(String(value))
  return value.map(written).join('')
}
