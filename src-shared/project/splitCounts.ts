/**
 * How many of the `n` images of one class each part takes (blocks.md): round(n · test) for the test part, the next
 * round(n · validation) to validate, the rest to train on. Training and validation keep at least one each while n ≥ 2; the
 * test part yields first. A fraction of 0 leaves its part out.
 */
export function splitCounts(
  n: number,
  fractions: { validation: number; test: number },
): { training: number; validation: number; test: number } {
  const test = Math.max(0, Math.min(Math.round(n * fractions.test), n - 2))
  const rest = n - test
  const validation =
    rest < 2 || fractions.validation === 0
      ? 0
      : Math.min(Math.max(Math.round(n * fractions.validation), 1), rest - 1)
  return { training: rest - validation, validation, test }
}
