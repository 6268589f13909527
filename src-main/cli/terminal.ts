/** What people read goes to stderr, results to stdout (cli.md). */

/** One line for people. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** One line of a result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** One JSON value on a line of its own; numbers that are none become null. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}

/** `61706` as `61,706`. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US')
}

/** `0.9534` as `95.34 %`. */
export function percent(share: number | null): string {
  return share === null || Number.isNaN(share) ? '–' : `${(share * 100).toFixed(2)} %`
}

/** Columns as wide as their widest cell. Numbers (`right`) stand flush right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
