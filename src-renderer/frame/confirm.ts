/** One question at a time before something is lost; shown by ConfirmDialog. */
import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  action: string
  /** Another way to go on, in which nothing is lost: the button that stands out. */
  safe?: string
}
export type Answer = 'cancel' | 'action' | 'safe'

export const openQuestion = shallowRef<(Question & { answer: (answer: Answer) => void }) | null>(null)

export function ask(question: Question): Promise<Answer> {
  openQuestion.value?.answer('cancel')
  return new Promise((resolve) => {
    openQuestion.value = {
      ...question,
      answer: (answer) => {
        openQuestion.value = null
        resolve(answer)
      },
    }
  })
}

/** A question that has no other way than its action. */
export async function confirm(question: Omit<Question, 'safe'>): Promise<boolean> {
  return (await ask(question)) === 'action'
}
