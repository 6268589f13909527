/** The texts about maps of scenes: a part of `en.ts`. */
export const scene = {
  title: 'Map a scene with {name}',
  about:
    'The trained network looks at a large GeoTIFF through a window that moves over it, and every place gets the class it sees there.',
  scene: 'Scene',
  choose: 'Choose a GeoTIFF…',
  pick: 'Scene to map',
  none: 'Nothing chosen yet. The scene needs the bands the network was trained on.',
  facts: '{width}×{height} pixels, {count} band | {width}×{height} pixels, {count} bands',
  noSystem: 'no coordinate system',
  patch: 'Window',
  stride: 'A class every',
  pixels: 'pixels',
  help: {
    patch:
      'Side of the window in the scene’s pixels. Take the size of the training images, so that things look as large as they did there.',
    stride: 'A smaller step makes a finer map, and takes longer: half the step is four times the work.',
  },
  out: 'Write the map to',
  replace: 'Replace the file that is there',
  start: 'Map the scene',
  again: 'Map again',
  windows: '{done} of {total} windows',
  result: 'The map',
  opacity: 'Classes over the scene',
  picture: 'The scene, and over it the classes',
  class: 'Class',
  share: 'Share',
  area: 'Area',
  hectares: '{area} ha',
  noData: 'No data',
  confidence:
    'Mean probability of the classes: {share}. Where it is low, the scene shows things that the training images did not.',
  written: 'Written with the scene’s coordinates: {file}',
}
