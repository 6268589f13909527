import { toInterlockError } from '#shared/issues/errors'
import { confirm } from '../frame/confirm'
import { t } from '../i18n'
import { useNoticeStore } from '../stores/noticeStore'

/**
 * Writes a file, and asks before one that is there is replaced; whether it was written. `replace`: somebody was asked already, as the
 * system's own dialog does.
 */
export async function writeOrReplace(
  write: (replace: boolean) => Promise<unknown>,
  replace: boolean,
): Promise<boolean> {
  try {
    await write(replace)
    return true
  } catch (thrown) {
    const error = toInterlockError(thrown)
    if (error.code !== 'FILE_EXISTS') {
      useNoticeStore().error(error)
      return false
    }
    const yes = await confirm({
      title: t('evaluation.replace.title'),
      text: t('evaluation.replace.text', { file: error.details['file'] }),
      action: t('evaluation.replace.action'),
    })
    return yes && writeOrReplace(write, true)
  }
}
