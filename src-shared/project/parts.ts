/** What an image is for: the network learns from it, is watched with it after every epoch, or is judged by it in the end. */
export type Part = 'training' | 'validation' | 'test'

export const parts: readonly Part[] = ['training', 'validation', 'test']
