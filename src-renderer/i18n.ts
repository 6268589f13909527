/**
 * All texts of the window come through here. Keys are checked by the compiler against the catalogue.
 * vue-i18n compiles messages to an AST, never to code, so no `unsafe-eval` is needed.
 */
import { createI18n } from 'vue-i18n'
import { en } from './texts/en'

type Paths<T, Prefix extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${Prefix}${K}` : Paths<T[K], `${Prefix}${K}.`>
}[keyof T & string]

export type TextKey = Paths<typeof en>

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages: { en } })

const translate = i18n.global.t as unknown as (key: string, named: Record<string, unknown>) => string

/** Texts made before: the library takes its time, and a large network says the same things many times. */
const made = new Map<string, string>()
const mostMade = 5000

/** The text for a key; `{name}` places are filled from `named`, and `named.count` chooses the plural. */
export function t(key: TextKey, named?: Readonly<Record<string, unknown>>): string {
  const call = `${i18n.global.locale.value} ${key} ${named ? JSON.stringify(named) : ''}`
  let text = made.get(call)
  if (text === undefined) {
    if (made.size >= mostMade) made.clear()
    made.set(call, (text = translate(key, named ?? {})))
  }
  return text
}
