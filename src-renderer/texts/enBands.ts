/** The texts about bands of images: `data.bands` of `enData.ts`. */
export const bands = {
  facts: '{count} band of {numbers}. | {count} bands of {numbers}.',
  numbers: { uint8: '8 bits', uint16: '16 bits', float32: 'floating point' },
  noData: 'The value {value} is no data.',
  files: 'Each band is a file of its own.',
  names: 'Band names',
  namesHelp:
    'What the bands of the files are called, in their order. EuroSAT keeps B8A last; products have it after B08.',
  orders: {
    files: 'As in the files',
    product: 'Sentinel-2, product order',
    eurosat: 'Sentinel-2, EuroSAT order (B8A last)',
    surface: 'Sentinel-2 L2A (no B10)',
    own: 'Own names',
  },
  doubt: {
    B10: 'The order of the bands looks wrong: {found} is by far the darkest, as {expected} (cirrus) should be.',
    B8A: 'The order of the bands looks wrong: {found} goes with B08 more closely than {expected} does, its narrow twin.',
  },
  taken: 'The network gets {count} band: | The network gets {count} bands:',
  display: {
    label: 'Bands that pictures show',
    shown: 'Pictures show',
    usual: 'As usual ({bands})',
    infrared: 'Infrared as red ({bands})',
    own: 'Own red, green and blue',
    grey: 'One band, grey',
    red: 'Band shown as red',
    green: 'Band shown as green',
    blue: 'Band shown as blue',
  },
  indices: 'Computed bands, after the others. Pixels without a value count as the mean.',
  indexName: 'Name of the computed band',
  formula: 'Formula of {name}',
  own: 'Own formula',
  remove: 'Remove {name}',
} as const
