// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { blockDefinitions } from '#shared/blocks/index'
import type { DataSummary } from '#shared/rpc/services'
import { createRun, reduceRun, type RunEvent } from '#shared/training/runState'
import { InterlockError } from '#shared/issues/errors'

// The main side is played by these functions; everything else is the window's own code.
const main = vi.hoisted(() => ({
  inspect: vi.fn(),
  examples: vi.fn(),
  start: vi.fn(),
  stop: vi.fn(),
  runs: vi.fn(),
  executors: vi.fn(),
  save: vi.fn(),
}))
vi.mock('../../src-renderer/rpc', () => ({
  connectionState: { value: 'connected' },
  services: () => ({
    data: {
      inspect: main.inspect,
      examples: main.examples,
      cacheSize: async () => 0,
      clearCache: async () => 0,
    },
    training: { start: main.start, stop: main.stop, runs: main.runs, executors: main.executors },
    project: { save: main.save },
  }),
}))

import { matchesShortcut } from '../../src-renderer/commands/shortcut'
import { useCommands } from '../../src-renderer/commands/useCommands'
import ParamField from '../../src-renderer/inspector/ParamField.vue'
import { TooltipProvider } from 'reka-ui'
import { defineComponent, h } from 'vue'
import { blockIcons } from '../../src-renderer/palette/blockIcons'
import { fromTemplate, startProject } from '../../src-renderer/project/startProject'
import { useDataStore } from '../../src-renderer/stores/dataStore'
import { useFitStore } from '../../src-renderer/stores/fitStore'
import { useNoticeStore } from '../../src-renderer/stores/noticeStore'
import { useProjectStore } from '../../src-renderer/stores/projectStore'
import { useTrainingStore } from '../../src-renderer/stores/trainingStore'
import { useUiStore } from '../../src-renderer/stores/uiStore'

const digits: DataSummary = {
  source: 'sample:digits',
  root: '.',
  roots: [],
  split: {
    by: 'seed',
    classes: Array.from({ length: 10 }, () => ({ training: 800, validation: 200, test: 0 })),
    folders: [],
    notes: [],
    blocks: null,
    listed: null,
    lists: [],
  },
  classes: Array.from({ length: 10 }, (_, i) => ({ name: String(i), count: 1000 })),
  images: 10_000,
  bands: 1,
  colour: false,
  kind: 'picture',
  bandNames: ['grey'],
  numbers: 'uint8',
  noData: null,
  geo: null,
  size: [28, 28],
  sizes: { read: 32, others: 0, found: [{ width: 28, height: 28, count: 32 }] },
  bandFiles: false,
  bandDoubt: null,
  skipped: [],
  skippedMore: 0,
  excluded: 0,
}

beforeEach(() => {
  vi.resetAllMocks()
  localStorage.clear()
  setActivePinia(createPinia())
  main.inspect.mockResolvedValue(digits)
  main.examples.mockResolvedValue([])
  main.runs.mockResolvedValue([])
  useProjectStore().load(startProject(), null, true)
})

const settled = () => new Promise((resolve) => setTimeout(resolve))

describe('the start', () => {
  it('is LeNet on the bundled digits, fitting and ready to train', async () => {
    await useDataStore().inspect()
    const fits = useFitStore()
    expect(fits.report.fits).toBe(true)
    expect(fits.report.totals).toEqual({ params: 61_706, trainable: 61_706, macs: 416_520 })
    expect(useTrainingStore().refusal).toBeNull()
    expect(useProjectStore().dirty).toBe(false)
  })

  it('fits templates to other images', () => {
    const images = { ...digits, source: '/photos', bands: 3, colour: true, size: [400, 300] as const }
    const project = fromTemplate('lenet', { ...images, classes: digits.classes.slice(0, 7) })
    const input = project.graph.blocks.find((block) => block.type === 'input')!
    expect(input.params).toMatchObject({ height: 64, width: 48, channels: 3 })
    expect(project.data.source).toBe('/photos')
  })
})

describe('fit in the window', () => {
  it('follows every edit and its undo', () => {
    const projects = useProjectStore()
    const fits = useFitStore()
    const flatten = projects.graph.blocks.find((block) => block.type === 'flatten')!
    projects.applyGraphEdits('delete', [{ kind: 'removeBlock', blockId: flatten.id, reconnect: true }])
    expect(fits.counts.error).toBe(1)
    expect(fits.firstMisfit?.code).toBe('DENSE_NEEDS_VECTOR')
    expect(useTrainingStore().refusal).toContain('1 problem')
    projects.undo()
    expect(fits.report.fits).toBe(true)
  })

  it('holds the network against the classes of the data', async () => {
    main.inspect.mockResolvedValue({ ...digits, classes: digits.classes.slice(0, 4) })
    await useDataStore().inspect()
    const mismatch = useFitStore().issues.find((issue) => issue.code === 'CLASS_COUNT_MISMATCH')!
    expect(mismatch.repairs[0]!.result).toEqual([4])
    useProjectStore().applyGraphEdits('repair', mismatch.repairs[0]!.edits)
    expect(useFitStore().report.fits).toBe(true)
  })

  it('refuses training and saving while the file has problems that would be lost', () => {
    const projects = useProjectStore()
    projects.load(projects.project, '/a.interlock.json', false, ['the file: unknown key "extra"'])
    expect(useTrainingStore().refusal).not.toBeNull()
    expect(useCommands().command('project.save').enabled()).toBe(false)
    projects.leaveOut()
    expect(useCommands().command('project.save').enabled()).toBe(true)
  })
})

describe('data', () => {
  it('shows why a folder cannot be used', async () => {
    main.inspect.mockRejectedValue(new InterlockError('DATA_ONE_CLASS', { folder: '/x', className: 'cat' }))
    await useDataStore().inspect()
    const { state } = useDataStore()
    expect(state.kind === 'failed' && state.problem.code).toBe('DATA_ONE_CLASS')
    expect(useDataStore().requirements).toBeNull()
    expect(useTrainingStore().refusal).toContain('cat')
  })

  it('keeps the answer to the last question only', async () => {
    const data = useDataStore()
    let answerFirst: (summary: DataSummary) => void = () => {}
    main.inspect.mockReturnValueOnce(new Promise((resolve) => (answerFirst = resolve)))
    const first = data.inspect()
    main.inspect.mockResolvedValueOnce({ ...digits, source: '/second' })
    await data.inspect()
    answerFirst({ ...digits, source: '/first' })
    await first
    expect(data.summary?.source).toBe('/second')
  })
})

type CreatedEvent = Extract<RunEvent, { type: 'created' }>

describe('runs', () => {
  const project = startProject()
  const events: RunEvent[] = [
    { type: 'created', runId: 'r1', project, startedAt: '2026-11-23T10:00:00Z' },
    {
      type: 'started',
      runId: 'r1',
      executor: { kind: 'cpu', name: 'CPU, 2 threads', threads: 2, software: false, reason: '' },
      bytes: 1000,
      classes: [],
      images: { training: 64, validation: 16 },
      split: {
        ...{ root: '.', by: 'seed', seed: 1, names: [], blocks: null, validationSource: null },
        counts: { training: 64, validation: 16, test: 0 },
      },
      from: { epoch: 0, step: 0, images: 0 },
    },
    {
      type: 'progress',
      runId: 'r1',
      epoch: 1,
      done: 64,
      total: 64,
      imagesPerSecond: 100,
      learningRate: 0.1,
      curve: {
        steps: new Uint32Array([1, 2]),
        losses: new Float32Array([2, 1]),
        accuracies: new Float32Array([0.1, 0.5]),
      },
    },
  ]

  it('advance with their events, and are active until they end', () => {
    const training = useTrainingStore()
    for (const event of events) training.onEvent(event)
    expect(training.active?.runId).toBe('r1')
    expect(training.refusal).not.toBeNull()
    training.onEvent({ type: 'finished', runId: 'r1', reason: 'completed' })
    expect([...training.shown!.state.curve.losses]).toEqual([2, 1])
    expect(training.active).toBeNull()
    expect(training.refusal).toBeNull()
  })

  it('change on screen a few times a second only, however fast they go, and lose nothing', () => {
    vi.useFakeTimers()
    try {
      const training = useTrainingStore()
      for (const event of events.slice(0, 2)) training.onEvent(event)
      const seen = new Set([training.runs])
      for (let step = 1; step <= 500; step++) {
        const curve = {
          steps: Uint32Array.of(step),
          losses: Float32Array.of(step),
          accuracies: Float32Array.of(0),
        }
        training.onEvent({ ...events[2], curve } as RunEvent)
        vi.advanceTimersByTime(2)
        seen.add(training.runs)
      }
      vi.advanceTimersByTime(200)
      expect([...training.shown!.state.curve.losses]).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
      expect(seen.size).toBeGreaterThan(5)
      expect(seen.size).toBeLessThanOrEqual(12)
    } finally {
      vi.useRealTimers()
    }
  })

  it('are not told twice what the main side answers with', async () => {
    vi.useFakeTimers()
    try {
      const training = useTrainingStore()
      for (const event of events) training.onEvent(event)
      const state = events.slice(1).reduce(reduceRun, createRun(events[0] as CreatedEvent))
      main.runs.mockResolvedValue([{ runId: 'r1', name: 'LeNet', state }])
      await training.refresh()
      vi.advanceTimersByTime(200)
      expect([...training.shown!.state.curve.losses]).toEqual([2, 1])
    } finally {
      vi.useRealTimers()
    }
  })

  it('tell what failed in words', () => {
    const training = useTrainingStore()
    for (const event of events) training.onEvent(event)
    const error = new InterlockError('RUN_DIVERGED', { epoch: 1, learningRate: 3 }).toData()
    training.onEvent({ type: 'failed', runId: 'r1', error })
    expect(useNoticeStore().notices[0]?.text).toContain('Lower the learning rate')
  })

  it('leave it to the training tab to tell what failed, while it is open', async () => {
    const training = useTrainingStore()
    main.start.mockResolvedValue('r1')
    useNoticeStore().error(new InterlockError('CONNECTION_LOST'))
    await training.start()
    for (const event of events) training.onEvent(event)
    const error = new InterlockError('RUN_DIVERGED', { epoch: 1, learningRate: 3 }).toData()
    training.onEvent({ type: 'failed', runId: 'r1', error })
    expect(useNoticeStore().notices).toEqual([])
  })

  it('tell why a series ended before its last run', () => {
    const training = useTrainingStore()
    const [created, ...rest] = events
    training.onEvent({ ...(created as CreatedEvent), series: { id: 's', index: 2, count: 5 } })
    for (const event of rest) training.onEvent(event)
    training.onEvent({ type: 'finished', runId: 'r1', reason: 'completed' })
    const error = new InterlockError('FILE_NOT_FOUND', { file: '/gone' }).toData()
    training.onEvent({ type: 'seriesBroken', runId: 'r1', error })
    expect(useNoticeStore().notices[0]?.text).toMatch(/^The series ended with run 2 of 5.*\/gone/)
    expect(training.shown!.state).toMatchObject({ phase: { kind: 'completed' }, series: { broken: error } })
  })

  it('are those of the project, where it has some and no others are asked for', () => {
    const training = useTrainingStore()
    const projects = useProjectStore()
    const created = events[0] as CreatedEvent
    const other = { ...created.project, name: 'Other' }
    training.onEvent({ ...created, runId: 'r2', project: other })
    training.onEvent({ type: 'finished', runId: 'r2', reason: 'completed' })
    training.onEvent({ ...created, project: { ...created.project, name: projects.project.name } })
    const ids = () => training.listed.map(({ runId }) => runId)
    expect(ids()).toEqual(['r1'])
    training.thisProjectOnly = false
    expect(ids()).toEqual(['r1', 'r2'])
    training.thisProjectOnly = true
    // What goes on is always there; a project without runs shows all.
    projects.rename('rename', 'Other')
    expect(ids()).toEqual(['r1', 'r2'])
    training.onEvent({ type: 'finished', runId: 'r1', reason: 'completed' })
    expect(ids()).toEqual(['r2'])
    projects.rename('rename', 'Third')
    expect(ids()).toEqual(['r1', 'r2'])
  })

  it('show a refused start as a message and stay ready', async () => {
    main.start.mockRejectedValue(new InterlockError('RUN_ALREADY_ACTIVE', { run: 'r9' }))
    const training = useTrainingStore()
    await training.start()
    expect(useNoticeStore().notices[0]?.kind).toBe('error')
    expect(training.refusal).toBeNull()
  })
})

describe('commands', () => {
  it('have their own ids and shortcuts, and a text', () => {
    const { all } = useCommands()
    expect(new Set(all.map((command) => command.id)).size).toBe(all.length)
    const shortcuts = all.flatMap((command) => command.shortcut?.split(' ') ?? [])
    expect(new Set(shortcuts).size).toBe(shortcuts.length)
    for (const command of all) expect(command.label()).not.toMatch(/^commands\./)
  })

  it('match keys exactly', () => {
    const key = (init: KeyboardEventInit) => new KeyboardEvent('keydown', init)
    expect(matchesShortcut('mod+z', key({ key: 'z', ctrlKey: true }))).toBe(true)
    expect(matchesShortcut('mod+z', key({ key: 'Z', ctrlKey: true, shiftKey: true }))).toBe(false)
    expect(matchesShortcut('mod+shift+z mod+y', key({ key: 'y', ctrlKey: true }))).toBe(true)
    expect(matchesShortcut('alt+1', key({ key: '¡', code: 'Digit1', altKey: true }))).toBe(true)
    expect(matchesShortcut('delete', key({ key: 'Delete' }))).toBe(true)
  })

  it('duplicate, delete with reconnection, and undo, on what is selected', async () => {
    const projects = useProjectStore()
    const ui = useUiStore()
    const { run } = useCommands()
    const before = projects.graph
    ui.select('conv2d_1')
    run('edit.duplicate')
    expect(projects.graph.blocks).toHaveLength(before.blocks.length + 1)
    run('edit.undo')
    expect(projects.graph).toEqual(before)
    ui.select('conv2d_1')
    run('edit.delete')
    expect(projects.graph.connections).toContainEqual({ from: 'input', to: 'avgPool2d_1' })
    expect(ui.selectedBlock).toBe('input')
    await settled()
  })

  it('say why they are refused', () => {
    useCommands().run('training.export')
    expect(useNoticeStore().notices[0]?.text).toContain('no trained model')
  })
})

it('every block has its icon', () => {
  for (const { palette, type } of blockDefinitions) expect(blockIcons, type).toHaveProperty(palette.icon)
})

describe('a setting in the inspector', () => {
  const field = (name: string, type: string, value: unknown) => {
    const spec = blockDefinitions.find((definition) => definition.type === type)!.params[name]!
    const changes: unknown[] = []
    const Host = defineComponent({
      setup: () => () =>
        h(TooltipProvider, () =>
          h(ParamField, { name, spec, value, onChange: (changed: unknown) => changes.push(changed) }),
        ),
    })
    return { wrapper: mount(Host), changes }
  }

  it('takes numbers in range only', async () => {
    const { wrapper, changes } = field('filters', 'conv2d', 16)
    const input = wrapper.get('input')
    for (const typed of ['0', '-3', '2.5', 'x', '']) await input.setValue(typed)
    expect(changes).toEqual([])
    await input.setValue('32')
    expect(changes).toEqual([32])
    await input.trigger('keydown', { key: 'ArrowUp' })
    expect(changes.at(-1)).toBe(17)
  })

  it('keeps both directions together until they are unlinked', async () => {
    const { wrapper, changes } = field('kernelSize', 'conv2d', 3)
    const [vertical] = wrapper.findAll('input')
    await vertical!.setValue('5')
    expect(changes).toEqual([5])
    await wrapper.get('button').trigger('click')
    await nextTick()
    await wrapper.findAll('input')[1]!.setValue('7')
    expect(changes.at(-1)).toEqual([3, 7])
  })

  it('offers padding as a word or as four sides', async () => {
    const { wrapper, changes } = field('padding', 'conv2d', 'valid')
    await wrapper.get('select').setValue('custom')
    expect(changes).toEqual([[0, 0, 0, 0]])
  })

  it('shows a wrong value of a file with what was expected', () => {
    const { wrapper } = field('filters', 'conv2d', -3)
    expect(wrapper.text()).toContain('Expected an integer from 1 to 65536')
    expect(wrapper.get('input').attributes('aria-invalid')).toBe('true')
  })
})
