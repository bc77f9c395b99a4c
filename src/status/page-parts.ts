import { type Html, html } from './html.ts'
import type { Instant } from './instant.ts'
import type { Section } from './view.ts'

export const timeTag = ({ iso, text }: Instant): Html => html`<time datetime="${iso}">${text}</time>`

/** A section of the page, or the sentence that says why there is nothing to show yet. */
export function section<T>(
  { id, title }: { id: string; title: string },
  known: Section<T> | undefined,
  content: (value: T) => Html,
): Html {
  return html`
<section class="card" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${known === undefined ? html`<p class="quiet">Not known yet: the history has not been read since this machine started.</p>` : undefined}
${known?.readAt === undefined ? undefined : html`<p class="old">Read at ${timeTag(known.readAt)}, ${known.readAt.age} ago.</p>`}
${known === undefined ? undefined : content(known.value)}
</section>`
}

/** Text in which code stands in backticks. */
export function proseWithCode(text: string): Html {
  const parts = text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))
  return html`${parts}`
}

export const plural = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : more}`

/** Told by its shape too, for who sees no colours. */
export function icon(level: 'good' | 'warn' | 'bad' | 'quiet'): Html {
  return html`<svg class="icon icon-${level}" viewBox="0 0 24 24" aria-hidden="true">${shapes[level]}</svg>`
}

const shapes = {
  good: html`<circle class="icon-ground" cx="12" cy="12" r="11"/><path class="icon-sign" d="M6.5 12.5l3.7 3.7 7.3-7.9"/>`,
  warn: html`<path class="icon-ground" d="M12 1.5 23.3 21.5H.7z"/><path class="icon-sign" d="M12 8.5v6.2M12 18v.3"/>`,
  bad: html`<path class="icon-ground" d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z"/><path class="icon-sign" d="M8 8l8 8M16 8l-8 8"/>`,
  quiet: html`<circle class="icon-ground" cx="12" cy="12" r="11"/><path class="icon-sign" d="M7 12h10"/>`,
} as const
