/** HTML as text: what comes from outside is escaped wherever it is put in. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = Html | string | number | readonly Html[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string)
}

function textOf(value: Value): string {
  if (value instanceof Html) return value.text
  return typeof value === 'object' ? value.map(textOf).join('') : escapeHtml(String(value))
}

/** A template whose values are escaped, but for those that are HTML already. */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(
    parts.map((part, i) => part + (i < values.length ? textOf(values[i] as Value) : '')).join(''),
  )
}
