import { describe, expect, test } from 'vitest'
import { InterlockError } from '#shared/issues/errors'
import { inferShapes } from '#shared/graph/inferShapes'
import { jsonErrorPlace } from '#shared/project/jsonErrorPlace'
import { newProject } from '#shared/project/newProject'
import { keptProject, parseProject } from '#shared/project/parseProject'
import { projectProblems } from '#shared/project/projectProblems'
import { serialiseProject } from '#shared/project/serialiseProject'
import { templateByName } from '#shared/templates/index'

/** The example of the design, word for word. */
const example = `{
  "format": "interlock-project", "version": 1, "name": "LeNet",
  "graph": {
    "blocks": [
      { "id": "in", "type": "input",  "params": { "height": 28, "width": 28, "channels": 1 }, "position": [0, 0] },
      { "id": "c1", "type": "conv2d", "params": { "filters": 6, "kernelSize": 5, "padding": "same", "activation": "sigmoid" } }
    ],
    "connections": [ { "from": "in", "to": "c1" } ],
    "groups": [], "notes": []
  },
  "data": { "source": "sample:digits", "resize": "stretch", "normalise": "standardise", "validationSplit": 0.2, "splitSeed": 1 },
  "training": { "epochs": 10, "batchSize": 32, "optimizer": { "type": "adam", "learningRate": 0.005 }, "seed": 1 }
}
`

function refusal(text: string): InterlockError {
  try {
    parseProject(text, 'net.json')
  } catch (thrown) {
    if (thrown instanceof InterlockError) return thrown
    throw thrown
  }
  throw new Error('was not refused')
}

/** The example with a part of its text replaced. */
function changed(part: string, by: string): string {
  expect(example).toContain(part)
  return example.replace(part, by)
}

describe('a sound file', () => {
  const { project, problems } = parseProject(example, 'net.json')

  test('opens without problems and with defaults filled in', () => {
    expect(problems).toEqual([])
    expect(project.training.optimizer).toEqual({
      type: 'adam', learningRate: 0.005, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0,
    }) // prettier-ignore
    expect(project.graph.blocks[1]?.params).toEqual({
      filters: 6,
      kernelSize: 5,
      padding: 'same',
      activation: 'sigmoid',
    })
    const c1 = inferShapes(project.graph).blocks.find(({ id }) => id === 'c1')
    expect(c1).toMatchObject({ output: [28, 28, 6], params: 156, macs: 117_600 })
  })

  test('the shortest file: everything else has a default', () => {
    const shortest = '{"format":"interlock-project","version":1,"name":"x","graph":{"blocks":[]}}'
    expect(parseProject(shortest, 'net.json')).toEqual({
      project: newProject({ name: 'x', graph: { blocks: [], connections: [], groups: [], notes: [] } }),
      problems: [],
    })
  })

  test('a byte order mark does no harm', () => {
    expect(parseProject(`\ufeff${example}`, 'net.json').problems).toEqual([])
  })
})

describe('files that are refused', () => {
  test.each([
    ['', 'line 1, column 1: expected a value, found the end of the file'],
    ['{\n  "a": 1,\n  "b" 2\n}', 'line 3, column 7: expected ":", found "2"'],
    ['{"a": [1, 2,]}', 'line 1, column 13: expected a value after the comma, found "]"'],
    ['{"a": 1} x', 'line 1, column 10: expected the end of the file, found "x"'],
    ["{'a': 1}", 'line 1, column 2: expected a key in double quotes, found "\'"'],
    ['{"a": "b\nc"}', 'line 1, column 7: expected a string closed on the same line, found """'],
    ['[1 2]', 'line 1, column 4: expected "," or "]", found "2"'],
    ['{"a": tru}', 'line 1, column 7: expected a value, found "t"'],
  ])('%j is not JSON', (text, problem) => {
    expect(refusal(text)).toMatchObject({ code: 'PROJECT_NOT_JSON', details: { file: 'net.json', problem } })
  })

  test('a newer version', () => {
    const error = refusal(changed('"version": 1', '"version": 4'))
    expect(error.code).toBe('PROJECT_NEWER')
    expect(error.message).toBe(
      'The project file net.json has version 4; this Interlock reads versions up to 3. Update Interlock to open it.',
    )
  })

  test.each([
    ['[]', 'expected an object, found []'],
    ['{}', 'format: expected "interlock-project", found nothing'],
    [
      '{"format":"interlock-model","version":1}',
      'format: expected "interlock-project", found "interlock-model"; this is a model file',
    ],
    ['{"format":"interlock-project"}', 'version: expected an integer from 1 to 3, found nothing'],
    ['{"format":"interlock-project","version":"1"}', 'version: expected an integer from 1 to 3, found "1"'],
  ])('%s is no project', (text, problem) => {
    expect(refusal(text).code).toBe('PROJECT_INVALID')
    expect(refusal(text).message).toContain(problem)
  })
})

describe('problems are named with their place, and the file opens all the same', () => {
  test.each([
    [
      '"kernelSize": 5',
      '"kernelSize": "big"',
      'graph.blocks[c1].params.kernelSize: expected an integer from 1 to 1024, or [vertical, horizontal] of two such, found "big"',
    ],
    ['"filters": 6', '"filter": 6', 'graph.blocks[c1].params: unknown setting "filter"'],
    ['"type": "conv2d"', '"type": "conv3d"', 'graph.blocks[c1].type: there is no block type "conv3d"'],
    ['"id": "c1"', '"id": "in"', 'graph.blocks[1].id: expected an id no other block has, found "in"'],
    ['"id": "c1", ', '', 'graph.blocks[1].id: expected a text, found nothing'],
    [
      '"position": [0, 0]',
      '"position": [0]',
      'graph.blocks[in].position: expected a list of two numbers, found [0]',
    ],
    ['"position": [0, 0]', '"color": "red"', 'graph.blocks[in]: unknown key "color"'],
    ['"to": "c1"', '"to": 7', 'graph.connections[0].to: expected a text, found 7'],
    [
      '"to": "c1"',
      '"to": "c1", "input": -1',
      'graph.connections[0].input: expected a number of at least 0, found -1',
    ],
    ['"epochs": 10', '"epochs": 0', 'training.epochs: expected a number of at least 1, found 0'],
    ['"epochs": 10', '"epochs": "ten"', 'training.epochs: expected a number, found "ten"'],
    ['"epochs": 10', '"epoch": 10', 'training: unknown key "epoch"'],
    [
      '"type": "adam"',
      '"type": "adagrad"',
      'training.optimizer.type: expected one of "sgd", "adam", "adamw", "rmsprop", found "adagrad"',
    ],
    [
      '"learningRate": 0.005',
      '"learningRate": -1',
      'training.optimizer.learningRate: expected a number above 0, found -1',
    ],
    [
      '"learningRate": 0.005',
      '"learningRate": 0.005, "momentum": 0.9',
      'training.optimizer: unknown key "momentum"',
    ],
    [
      '"resize": "stretch"',
      '"resize": "zoom"',
      'data.resize: expected one of "stretch", "crop", "pad", found "zoom"',
    ],
    [
      '"validationSplit": 0.2',
      '"validationSplit": 1',
      'data.validationSplit: expected a number below 1, found 1',
    ],
    ['"epochs": 10', '"epochs": 10, "clipNorm": 0', 'training.clipNorm: expected a number above 0, found 0'],
    [
      '"epochs": 10',
      '"epochs": 10, "labelSmoothing": 1',
      'training.labelSmoothing: expected a number below 1, found 1',
    ],
    [
      '"epochs": 10',
      '"epochs": 10, "classWeights": "even"',
      'training.classWeights: expected "none", "balanced", or an object of class names with weights above 0, found "even"',
    ],
    [
      '"epochs": 10',
      '"epochs": 10, "classWeights": { "cat": -1 }',
      'training.classWeights.cat: expected a number above 0, found -1',
    ],
    [
      '"epochs": 10',
      '"epochs": 10, "schedule": "cosine"',
      'training.schedule: expected an object, found "cosine"',
    ],
    [
      '"epochs": 10',
      '"epochs": 10, "schedule": { "type": "step", "gamma": 2 }',
      'training.schedule.gamma: expected a number of at most 1, found 2',
    ],
    [
      '"epochs": 10',
      '"epochs": 10, "schedule": { "type": "cosin" }',
      'training.schedule.type: expected one of "constant", "step", "multiStep", "cosine", "plateau", found "cosin"',
    ],
    ['"epochs": 10', '"epochs": 10, "warmup": [1]', 'training.warmup: expected an object, found [1]'],
    [
      '"epochs": 10',
      '"epochs": 10, "earlyStopping": { "patience": 0 }',
      'training.earlyStopping.patience: expected a number of at least 1, found 0',
    ],
    [
      '"epochs": 10',
      '"epochs": 10, "batchSizes": [{ "fromEpoch": 1, "batchSize": 8 }]',
      'training.batchSizes[0].fromEpoch: expected a number of at least 2, found 1',
    ],
    ['"name": "LeNet"', '"name": ""', 'name: expected a text that is not empty, found ""'],
    ['"name": "LeNet"', '"name": "LeNet", "nmae": 1', 'the file: unknown key "nmae"'],
    ['"notes": []', '"notes": [{}]', 'graph.notes[0].id: expected a text, found nothing'],
  ])('%s → %s', (part, by, problem) => {
    const { problems, project } = parseProject(changed(part, by), 'net.json')
    expect(problems).toContain(problem)
    expect(project.graph.blocks).toHaveLength(2)
    expect(() => JSON.stringify(inferShapes(project.graph))).not.toThrow()
  })

  test('invalid settings stay as they are, shown as issues at their blocks', () => {
    const { project } = parseProject(
      changed('"kernelSize": 5', '"kernelSize": "big", "colour": 1'),
      'net.json',
    )
    expect(project.graph.blocks[1]?.params).toMatchObject({ kernelSize: 'big', colour: 1, filters: 6 })
    const issues = inferShapes(project.graph).issues.filter(({ blockId }) => blockId === 'c1')
    expect(issues.map(({ code }) => code)).toEqual(['INVALID_SETTING', 'INVALID_SETTING'])
  })

  test('entries that are no blocks or connections at all are kept where they can be seen and removed', () => {
    const text = changed('"connections": [ {', '"connections": [ 5, {').replace(
      '{ "id": "c1"',
      '"junk", { "id": "c1"',
    )
    const { project, problems } = parseProject(text, 'net.json')
    expect(problems).toEqual([
      'graph.blocks[1]: expected an object, found "junk"',
      'graph.connections[0]: expected an object, found 5',
    ])
    expect(project.graph.blocks.map(({ id, type }) => [id, type])).toEqual([
      ['in', 'input'],
      ['block_2', 'missing'],
      ['c1', 'conv2d'],
    ])
    const codes = inferShapes(project.graph).issues.map(({ code }) => code)
    expect(codes).toEqual(expect.arrayContaining(['UNKNOWN_BLOCK', 'INVALID_CONNECTION']))
  })

  test('wrong kinds all over still open', () => {
    const wild =
      '{"format":"interlock-project","version":1,"name":3,"graph":{"blocks":{},"connections":"x","groups":[1],"notes":2},"data":[],"training":{"optimizer":"adam"}}'
    const { project, problems } = parseProject(wild, 'net.json')
    expect(problems.length).toBeGreaterThanOrEqual(7)
    expect(project.graph).toEqual({ blocks: [], connections: [], groups: [], notes: [] })
    expect(project.training.optimizer.type).toBe('adam')
    expect(project.data.resize).toBe('stretch')
  })

  test('a project in memory is checked the same way before it is written', () => {
    const project = templateByName('lenet').build({ input: [28, 28, 1], classes: 10 })
    expect(projectProblems(project)).toEqual([])
    expect(projectProblems({ ...project, training: { ...project.training, seed: 0.5 } })).toEqual([
      'training.seed: expected an integer, found 0.5',
    ])
  })
})

describe('writing', () => {
  test('leaves defaults out, keeps the order, and reads back the same', () => {
    const { project } = parseProject(example, 'net.json')
    expect(serialiseProject(project)).toBe(`{
  "format": "interlock-project",
  "version": 1,
  "name": "LeNet",
  "graph": {
    "blocks": [
      { "id": "in", "type": "input", "params": { "height": 28, "width": 28, "channels": 1 }, "position": [0, 0] },
      { "id": "c1", "type": "conv2d", "params": { "filters": 6, "kernelSize": 5, "padding": "same", "activation": "sigmoid" } }
    ],
    "connections": [
      { "from": "in", "to": "c1" }
    ]
  },
  "data": { "source": "sample:digits" },
  "training": { "epochs": 10, "batchSize": 32, "optimizer": { "type": "adam", "learningRate": 0.005 }, "seed": 1 }
}
`)
    expect(parseProject(serialiseProject(project), 'net.json')).toEqual({ project, problems: [] })
  })

  test('everything that differs from its default comes back', () => {
    const full = newProject({
      name: 'Ünï "quoted" \n name',
      graph: {
        blocks: [
          { id: 'in', type: 'input', params: { height: 5 }, name: 'Bild', position: [1.5, -2] },
          { id: 'm', type: 'maxPool2d', params: { poolSize: [2, 3], strides: null, padding: [0, 1, 0, 0] } },
          { id: 'x', type: 'lstm', params: { cells: { deep: [1, null] } } },
        ],
        connections: [{ from: 'in', to: 'm', input: 0 }],
        groups: [{ id: 'g', name: 'G', blocks: ['in'], collapsed: true }],
        notes: [{ id: 'n', text: 'hello', position: [0, 1] }],
      },
      data: { source: '../bilder', resize: 'pad', testSplit: 0.1 },
      training: {
        optimizer: { type: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0 },
      },
    })
    const text = serialiseProject(full)
    const { project } = parseProject(text, 'net.json')
    expect(serialiseProject(project)).toBe(text)
    expect(project.name).toBe(full.name)
    expect(project.data).toEqual(full.data)
    expect(project.training).toEqual(full.training)
    expect(project.graph.groups).toEqual(full.graph.groups)
    expect(project.graph.notes).toEqual(full.graph.notes)
    expect(project.graph.blocks[2]).toEqual(full.graph.blocks[2])
    expect(text).toContain('"params": { "poolSize": [2, 3], "padding": [0, 1, 0, 0] }')
  })

  test('is of the lowest version that can hold the project', () => {
    const { project } = parseProject(example, 'net.json')
    expect(project.version).toBe(3)
    const crop = { id: 'crop', type: 'crop2d', params: { cropping: [2, 2, 0, 0] } }
    const cropped = { ...project, graph: { ...project.graph, blocks: [...project.graph.blocks, crop] } }
    const text = serialiseProject(cropped)
    expect(text).toContain('"version": 2,')
    expect(parseProject(text, 'net.json')).toEqual({ project: cropped, problems: [] })
  })

  test.each([
    [{ clipNorm: 1 }, '"clipNorm": 1'],
    [{ labelSmoothing: 0.1 }, '"labelSmoothing": 0.1'],
    [{ classWeights: 'balanced' as const }, '"classWeights": "balanced"'],
    [{ classWeights: { cat: 2, dog: 0.5 } }, '"classWeights": { "cat": 2, "dog": 0.5 }'],
  ])('%o needs version 2', (settings, written) => {
    const { project } = parseProject(example, 'net.json')
    const changedProject = { ...project, training: { ...project.training, ...settings } }
    const text = serialiseProject(changedProject)
    expect(text).toContain('"version": 2,')
    expect(text).toContain(`"seed": 1, ${written} }`)
    expect(parseProject(text, 'net.json')).toEqual({ project: changedProject, problems: [] })
  })

  test('what was kept by an earlier version gets the defaults that came later', () => {
    const { project } = parseProject(example, 'net.json')
    const { clipNorm: _c, labelSmoothing: _l, classWeights: _w, ...training } = project.training
    expect(keptProject({ ...project, version: 1, training })).toEqual(project)
    expect(keptProject({ ...project, training })).toEqual(project)
  })
})

test('jsonErrorPlace agrees with JSON.parse on what is JSON', () => {
  const texts = ['0', '-1.5e+3', '01', '1.', '"\\u00e9"', '"\\x"', '[]', '[,]', '{}', '{"a":1,}', 'null', 'nul', ' [1 , 2 ] ', '"a', '[[[[]]]]', '{"a":{"b":[true,false]}}', '-', '+1', '"\t"', '1 1'] // prettier-ignore
  for (const text of texts) {
    let valid = true
    try {
      JSON.parse(text)
    } catch {
      valid = false
    }
    expect(jsonErrorPlace(text) === null, text).toBe(valid)
  }
})
