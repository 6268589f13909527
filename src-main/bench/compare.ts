/** What the report says of the measured, besides the figures themselves. Pure. */
import type { Measured } from './measure'

/** Each peer with all of ours that it can be compared with: the same work and executor, and equal threads where it has a choice. */
function pairs(measured: readonly Measured[]): { ours: Measured; theirs: Measured }[] {
  return measured
    .filter(({ against }) => against === null)
    .flatMap((ours) =>
      measured
        .filter(
          ({ work, against, anyThreads, threads }) =>
            work === ours.work && against === ours.who && (!anyThreads || threads === ours.threads),
        )
        .map((theirs) => ({ ours, theirs })),
    )
}

/** Our speed over each peer's. */
export function ratiosOf(measured: readonly Measured[]) {
  return pairs(measured).map(({ ours, theirs }) => ({
    work: ours.work,
    executor: ours.who,
    threads: ours.threads,
    wide: ours.wide,
    peer: theirs.who,
    peerThreads: theirs.threads,
    ratio: ours.imagesPerSecond / theirs.imagesPerSecond,
    cpuRatio: ours.imagesPerCpuSecond / theirs.imagesPerCpuSecond,
  }))
}

/** Two threads over one. */
export function scalingOf(measured: readonly Measured[]) {
  return measured
    .filter(({ threads, against }) => threads === 2 && against === null)
    .flatMap((two) => {
      const one = measured.find(
        ({ work, who, wide, threads }) =>
          work === two.work && who === two.who && wide === two.wide && threads === 1,
      )
      const factor = one ? two.imagesPerSecond / one.imagesPerSecond : NaN
      return one ? [{ work: two.work, wide: two.wide, from: 1, to: 2, factor }] : []
    })
}

/** Time of one image, and for ours the multiple of the peer's (below 1 is faster). */
export function predictionsOf(measured: readonly Measured[]) {
  const peer = measured.find(({ against }) => against !== null)
  return measured.map(({ work, who, threads, wide, against, imagesPerSecond, imagesPerCpuSecond }) => ({
    work,
    who,
    threads,
    wide,
    microseconds: 1e6 / imagesPerSecond,
    cpuMicroseconds: 1e6 / imagesPerCpuSecond,
    ...(against === null && peer
      ? { peer: peer.who, timesPeer: peer.imagesPerSecond / imagesPerSecond }
      : {}),
  }))
}
