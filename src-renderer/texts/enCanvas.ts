/** Texts of the canvas's menus and of its collapsed groups. */
export const contextMenu = {
  block: 'Block',
  group: 'Group',
  comment: 'Comment',
  connection: 'Connection',
  several: 'Selection',
  empty: 'Canvas',
}

export const groupEnds = {
  noEntry: 'Nothing can go into this group.',
  noExit: 'Nothing comes out of this group.',
  entries: 'Several blocks of this group could take it: {blocks}. Expand it and choose one.',
  exits: 'Several blocks of this group could be the end: {blocks}. Expand it and choose one.',
}

export const selection = {
  several: '{blocks} and {comments} selected',
  blocks: '{count} block | {count} blocks',
  comments: '{count} comment | {count} comments',
  oneKind: '{what} selected',
  group: 'Group of {count} block | Group of {count} blocks',
  arrange: 'Arrange',
  together: 'Group',
  actions: 'Edit',
}
