/** Every text of the window is in the catalogue, `src-renderer/texts/`: none is written into a component or its script. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { parse } from 'vue/compiler-sfc'
import { filesUnder, root } from './importGraph'

/** Attributes and props whose value somebody reads or hears. */
const read =
  /^(aria-(label|description|roledescription|valuetext)|title|placeholder|alt|label|text|about|help)$/

/** Words rather than an identifier, a key, a class or a unit: begins like a sentence, or two words. */
const isText = (text: string) => /^\P{L}*\p{Lu}\p{Ll}|\p{L}{2,}\s+\p{L}{2,}/u.test(text)

/** The name of the program is the same in every language. */
const isName = (text: string) => text.trim() === 'Interlock'

/** Text in the strings of TypeScript code that is not a key handed to `t`. */
function textsInCode(code: string, isOne: (text: string) => boolean): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    // What is thrown in a component is for programmers; what people read is thrown with a code.
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isThrowStatement(node)) return
    const strings =
      ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)
        ? [node.text]
        : ts.isTemplateExpression(node)
          ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]
          : []
    found.push(...strings.filter((text) => isOne(text) && !isName(text)))
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('code.ts', code, ts.ScriptTarget.Latest, true))
  return found
}

interface TemplateNode {
  type: number
  content?: string | { content: string }
  children?: readonly TemplateNode[]
  branches?: readonly TemplateNode[]
  props?: readonly {
    type: number
    name: string
    value?: { content: string }
    arg?: { content: string }
    exp?: { content: string }
  }[]
}

/** Text written into a template: between tags, in attributes that are read, and in expressions there. */
function textsInTemplate(node: TemplateNode): string[] {
  const found: string[] = []
  // 2: text, 5: {{ … }}
  if (node.type === 2 && typeof node.content === 'string' && /\p{L}/u.test(node.content))
    if (!isName(node.content)) found.push(node.content.trim())
  if (node.type === 5 && typeof node.content === 'object')
    found.push(...textsInCode(`(${node.content.content})`, isText))
  for (const { name, value, arg, exp } of node.props ?? []) {
    if (value && read.test(name) && /\p{L}/u.test(value.content)) found.push(value.content)
    if (name === 'bind' && arg && exp && read.test(arg.content))
      found.push(...textsInCode(`(${exp.content})`, isText))
  }
  return [...found, ...(node.children ?? []).flatMap(textsInTemplate)]
}

const templateOf = (vue: string) => parse(vue).descriptor.template?.ast as unknown as TemplateNode
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')
const components = filesUnder('src-renderer', ['.vue'])

it('finds what is written into a template', () => {
  const wrong = `<template><p title="Hi" :aria-label="a ? 'No runs' : t('x.y')">Go {{ b || 'Stop it' }}</p></template>`
  expect(textsInTemplate(templateOf(wrong)).sort()).toEqual(['Go', 'Hi', 'No runs', 'Stop it'])
})

describe('the catalogue of texts', () => {
  it('has every text of every template', () => {
    expect(components.length).toBeGreaterThan(50)
    const found = components.map((file) => [file, textsInTemplate(templateOf(textOf(file)))] as const)
    expect(found.filter(([, texts]) => texts.length > 0)).toEqual([])
  })

  it('has every sentence of every script', () => {
    const scripts = filesUnder('src-renderer', ['.ts', '.vue']).filter(
      (file) => !file.startsWith('src-renderer/texts/') && !file.endsWith('.config.ts'),
    )
    const isSentence = (text: string) => /\p{Lu}\p{Ll}+ \p{L}|\p{Ll}{2,} \p{Ll}{2,} \p{Ll}/u.test(text)
    const found = scripts.map((file) => {
      const text = textOf(file)
      const code = file.endsWith('.vue') ? (parse(text).descriptor.scriptSetup?.content ?? '') : text
      return [file, textsInCode(code, isSentence)] as const
    })
    expect(found.filter(([, texts]) => texts.length > 0)).toEqual([])
  })
})
