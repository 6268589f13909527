/**
 * Formulas of bands, such as `(B08 - B04) / (B08 + B04)`: + − * /, parentheses, numbers, and names of bands. A name that is not
 * made of letters, digits, _ and . alone is quoted: `"near infrared" / red`.
 *
 *     sum     = product (("+" | "-") product)*
 *     product = factor (("*" | "/") factor)*
 *     factor  = "-" factor | "+" factor | number | name | "(" sum ")"
 */
import { InterlockError } from '../issues/errors'

export type Formula =
  | { kind: 'number'; value: number }
  | { kind: 'band'; name: string }
  | { kind: 'negative'; of: Formula }
  | { kind: '+' | '-' | '*' | '/'; left: Formula; right: Formula }

interface Token {
  text: string
  /** From 1. */
  at: number
  kind: 'number' | 'name' | 'sign'
}

const tokenPattern =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))|"(?<quoted>[^"]+)"|(?<name>[\p{L}\d_][\p{L}\d_.]*)|(?<sign>[-+*/()−×÷·]))/uy

const plainSigns: Readonly<Record<string, string>> = { '−': '-', '×': '*', '·': '*', '÷': '/' }

/** Deeper parentheses are hardly meant, and would exhaust the stack. */
const deepest = 100

/** Throws FORMULA_INVALID, which tells what was expected where. */
export function parseFormula(text: string): Formula {
  const tokens = tokensOf(text)
  let next = 0
  let depth = 0

  const fail = (expected: string): never => {
    const token = tokens[next]
    const found = token === undefined ? 'the end' : `“${token.text}”`
    throw invalid(text, `expected ${expected}, found ${found}`, token?.at ?? text.length + 1)
  }
  const takes = (...signs: string[]): string | null => {
    const token = tokens[next]
    if (token?.kind !== 'sign' || !signs.includes(token.text)) return null
    next++
    return token.text
  }
  const sum = (): Formula => {
    let left = product()
    for (let sign = takes('+', '-'); sign !== null; sign = takes('+', '-'))
      left = { kind: sign as '+' | '-', left, right: product() }
    return left
  }
  const product = (): Formula => {
    let left = factor()
    for (let sign = takes('*', '/'); sign !== null; sign = takes('*', '/'))
      left = { kind: sign as '*' | '/', left, right: factor() }
    return left
  }
  const factor = (): Formula => {
    if (++depth > deepest) throw invalid(text, 'it is nested too deeply', tokens[next]?.at ?? 1)
    try {
      if (takes('-') !== null) return { kind: 'negative', of: factor() }
      if (takes('+') !== null) return factor()
      if (takes('(') !== null) {
        const inner = sum()
        if (takes(')') === null) fail('an operator or )')
        return inner
      }
      const token = tokens[next]
      if (token === undefined || token.kind === 'sign') return fail('a band, a number or (')
      next++
      return token.kind === 'number'
        ? { kind: 'number', value: Number(token.text) }
        : { kind: 'band', name: token.text }
    } finally {
      depth--
    }
  }

  const formula = sum()
  if (next < tokens.length) fail('an operator (+ - * /) or the end')
  return formula
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  const end = text.trimEnd().length
  while (tokenPattern.lastIndex < end) {
    const before = tokenPattern.lastIndex
    const found = tokenPattern.exec(text)
    if (found === null) {
      const at = before + (/^\s*/.exec(text.slice(before))?.[0].length ?? 0)
      const sign = String.fromCodePoint(text.codePointAt(at) ?? 0)
      const problem =
        sign === '"'
          ? 'a quoted name is not closed'
          : `“${sign}” is not known (there are + - * / parentheses, numbers and bands)`
      throw invalid(text, problem, at + 1)
    }
    const { number, quoted, name, sign = '' } = found.groups ?? {}
    const kind = number !== undefined ? 'number' : (quoted ?? name) !== undefined ? 'name' : 'sign'
    const token = number ?? quoted ?? name ?? plainSigns[sign] ?? sign
    tokens.push({ kind, text: token, at: found.index + found[0].search(/\S/) + 1 })
  }
  return tokens
}

function invalid(formula: string, problem: string, at: number): InterlockError {
  return new InterlockError('FORMULA_INVALID', { formula, problem, at })
}

/** The bands a formula names, each once. */
export function bandsOf(formula: Formula): string[] {
  switch (formula.kind) {
    case 'number':
      return []
    case 'band':
      return [formula.name]
    case 'negative':
      return bandsOf(formula.of)
    default:
      return [...new Set([...bandsOf(formula.left), ...bandsOf(formula.right)])]
  }
}

/** The formula as a function of a pixel's bands, `values[start + position]`. What has no finite value is NaN. */
export function compileFormula(
  formula: Formula,
  positionOf: (band: string) => number,
): (values: ArrayLike<number>, start: number) => number {
  type Compiled = (values: ArrayLike<number>, start: number) => number
  const compile = (part: Formula): Compiled => {
    switch (part.kind) {
      case 'number':
        return () => part.value
      case 'band': {
        const position = positionOf(part.name)
        return (values, start) => values[start + position] as number
      }
      case 'negative': {
        const of = compile(part.of)
        return (values, start) => -of(values, start)
      }
    }
    const left = compile(part.left)
    const right = compile(part.right)
    switch (part.kind) {
      case '+':
        return (values, start) => left(values, start) + right(values, start)
      case '-':
        return (values, start) => left(values, start) - right(values, start)
      case '*':
        return (values, start) => left(values, start) * right(values, start)
      case '/':
        return (values, start) => left(values, start) / right(values, start)
    }
  }
  const whole = compile(formula)
  return (values, start) => {
    const value = whole(values, start)
    return Number.isFinite(value) ? value : NaN
  }
}
