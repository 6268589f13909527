/**
 * Where a text stops being JSON. `JSON.parse` says so in other words in every engine and version, often without a place.
 */
export interface JsonErrorPlace {
  /** From 1. */
  line: number
  column: number
  /** What was expected there and found. */
  problem: string
}

class Stop extends Error {
  constructor(
    readonly at: number,
    readonly expected: string,
  ) {
    super(expected)
  }
}

const stringToken = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const wordToken = /true|false|null/y
const spaceToken = /[ \t\r\n]*/y
const deepest = 500

class Scanner {
  at = 0
  constructor(readonly text: string) {}

  take(token: RegExp): boolean {
    token.lastIndex = this.at
    const match = token.exec(this.text)
    if (match === null) return false
    this.at += match[0].length
    return true
  }

  takeChar(char: string): boolean {
    this.take(spaceToken)
    if (this.text[this.at] !== char) return false
    this.at += 1
    return true
  }

  string(expected: string): void {
    this.take(spaceToken)
    if (this.take(stringToken)) return
    throw new Stop(this.at, this.text[this.at] === '"' ? 'a string closed on the same line' : expected)
  }

  value(depth: number): void {
    this.take(spaceToken)
    const char = this.text[this.at]
    if (depth > deepest) throw new Stop(this.at, `at most ${deepest} levels of nesting`)
    if (char === '{') this.list('}', 'a key in double quotes', () => this.entry(depth))
    else if (char === '[') this.list(']', 'a value', () => this.value(depth + 1))
    else if (char === '"') this.string('a string')
    else if (!this.take(wordToken) && !this.take(numberToken)) throw new Stop(this.at, 'a value')
  }

  entry(depth: number): void {
    this.string('a key in double quotes')
    if (!this.takeChar(':')) throw new Stop(this.at, '":"')
    this.value(depth + 1)
  }

  list(close: string, item: string, element: () => void): void {
    this.at += 1
    if (this.takeChar(close)) return
    for (;;) {
      this.take(spaceToken)
      if (this.text[this.at] === close) throw new Stop(this.at, `${item} after the comma`)
      element()
      if (this.takeChar(close)) return
      if (!this.takeChar(',')) throw new Stop(this.at, `"," or "${close}"`)
    }
  }
}

/** The first place where `text` is not JSON, or null if it is. */
export function jsonErrorPlace(text: string): JsonErrorPlace | null {
  const scanner = new Scanner(text)
  try {
    scanner.value(0)
    scanner.take(spaceToken)
    if (scanner.at === text.length) return null
    throw new Stop(scanner.at, 'the end of the file')
  } catch (thrown) {
    if (!(thrown instanceof Stop)) throw thrown
    const before = text.slice(0, thrown.at).split('\n')
    const char = text[thrown.at]
    const found =
      char === undefined ? 'the end of the file' : char === '\n' ? 'the end of the line' : `"${char}"`
    return {
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
      problem: `expected ${thrown.expected}, found ${found}`,
    }
  }
}
