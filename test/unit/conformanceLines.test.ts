import { expect, it } from 'vitest'
import { conformanceLines } from '../../src-main/launcher/conformanceLines.mjs'

const test = (executor: string, title: string, status = 'passed') => ({
  ancestorTitles: [`conformance of ${executor}`],
  title,
  status,
})

it('counts operations, settings and executors, and names who was left out', () => {
  const tests = [
    test('the CPU, 1 thread', 'conv2d 3×3'),
    test('the CPU, 1 thread', 'conv2d 5×5'),
    test('the CPU, 1 thread', 'dense 3 → 4'),
    test('the CPU, 2 threads', 'conv2d 3×3', 'failed'),
    test('WebGPU', 'every operation (no adapter)', 'skipped'),
    { ancestorTitles: ['a trainer'], title: 'conv2d learns', status: 'passed' },
    { ancestorTitles: [], title: 'conv2d alone', status: 'passed' },
  ]
  expect(conformanceLines(tests)).toEqual([
    'conformance: 2 operations × 3 settings × 2 executors; of 4 comparisons 3 agree, 1 differ',
    '  the CPU, 1 thread: 2 operations, 3 settings',
    '  the CPU, 2 threads: 1 operations, 1 settings',
    '  skipped: WebGPU: every operation (no adapter)',
  ])
})

it('says nothing where no conformance test was asked for', () => {
  expect(conformanceLines([{ ancestorTitles: ['a trainer'], title: 'learns', status: 'passed' }])).toEqual([])
})
