export type Point = readonly [place: number, value: number]

/** The least and the greatest of consecutive points. */
interface Bucket {
  least: Point
  greatest: Point
}

function joined(a: Bucket, b: Bucket): Bucket {
  return {
    least: b.least[1] < a.least[1] ? b.least : a.least,
    greatest: b.greatest[1] > a.greatest[1] ? b.greatest : a.greatest,
  }
}

/**
 * A smoothed line that grows, in as few points as a chart of so many columns can show. Values are averaged exponentially, corrected
 * for the start (as Adam does), so that the first points are not pulled to zero; of every so many of them the least and the
 * greatest are kept, so that peaks stay. New values cost the same however long the line is: where there are more than twice as many
 * buckets as columns, each two become one.
 */
export class GrowingLine {
  private length = 0
  private lastValue = NaN
  private mean = 0
  private weight = 0
  private buckets: Bucket[] = []
  private perBucket = 1
  /** Values in the last bucket. */
  private filled = 0
  private first: Point | null = null
  private last: Point | null = null

  constructor(
    private readonly columns: number,
    private readonly keep: number,
  ) {}

  /** Whether `values` begin with what this line has taken in; not so for a run that went on from an earlier checkpoint. */
  isBeginningOf(values: ArrayLike<number>): boolean {
    const { length } = this
    return length === 0 || (values.length >= length && Object.is(values[length - 1], this.lastValue))
  }

  /** Takes in what is new in `values` at the ascending places `at`. */
  follow(at: ArrayLike<number>, values: ArrayLike<number>): void {
    for (let i = this.length; i < values.length; i++) this.append(at[i]!, values[i]!)
    this.length = values.length
    this.lastValue = values[values.length - 1] ?? NaN
  }

  /** At most `4 · columns + 2` points, ascending. */
  points(): Point[] {
    if (this.first === null || this.last === null) return []
    const found = [this.first]
    const add = (point: Point) => {
      if (point[0] > found.at(-1)![0]) found.push(point)
    }
    for (const { least, greatest } of this.buckets) {
      const inOrder = least[0] < greatest[0]
      add(inOrder ? least : greatest)
      add(inOrder ? greatest : least)
    }
    add(this.last)
    return found
  }

  private append(at: number, value: number): void {
    if (!Number.isFinite(value)) return
    this.mean = this.keep * this.mean + (1 - this.keep) * value
    this.weight = this.keep * this.weight + (1 - this.keep)
    const point = [at, this.mean / this.weight] as const
    this.first ??= point
    this.last = point
    const bucket = { least: point, greatest: point }
    const open = this.buckets.length - 1
    if (open >= 0 && this.filled < this.perBucket) {
      this.buckets[open] = joined(this.buckets[open]!, bucket)
      this.filled++
      return
    }
    this.buckets.push(bucket)
    this.filled = 1
    if (this.buckets.length > 2 * this.columns) this.halve()
  }

  /** Each two buckets become one; the last one, alone, is half full. */
  private halve(): void {
    const halved: Bucket[] = []
    for (let i = 0; i < this.buckets.length; i += 2) {
      const [a, b] = [this.buckets[i]!, this.buckets[i + 1]]
      halved.push(b ? joined(a, b) : a)
    }
    if (this.buckets.length % 2 === 0) this.filled += this.perBucket
    this.buckets = halved
    this.perBucket *= 2
  }
}
