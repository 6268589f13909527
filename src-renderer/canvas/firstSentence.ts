/** What does not fit, without how to mend it: the first sentence of an issue. */
export function firstSentence(text: string): string {
  return text.match(/^.*?\.(?=\s|$)/)?.[0] ?? text
}
