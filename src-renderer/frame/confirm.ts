/** One question at a time that needs a yes or a no; shown by ConfirmDialog. */
import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  action: string
}

export const openQuestion = shallowRef<(Question & { answer: (yes: boolean) => void }) | null>(null)

export function confirm(question: Question): Promise<boolean> {
  openQuestion.value?.answer(false)
  return new Promise((resolve) => {
    openQuestion.value = {
      ...question,
      answer: (yes) => {
        openQuestion.value = null
        resolve(yes)
      },
    }
  })
}
