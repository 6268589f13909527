import { expect, test } from 'vitest'
import {
  doubtBands,
  eurosatOrder,
  indexFormula,
  ordersOf,
  productOrder,
  surfaceOrder,
} from '#shared/data/sentinel2'

/** EuroSAT's mean reflectances × 10,000 and how closely each goes with B08, roughly. */
const looks: Record<string, { mean: number; withB08: number }> = {
  B01: { mean: 1354, withB08: 0.1 },
  B02: { mean: 1118, withB08: 0.2 },
  B03: { mean: 1042, withB08: 0.4 },
  B04: { mean: 947, withB08: 0.2 },
  B05: { mean: 1200, withB08: 0.6 },
  B06: { mean: 2003, withB08: 0.95 },
  B07: { mean: 2374, withB08: 0.97 },
  B08: { mean: 2301, withB08: 1 },
  B8A: { mean: 2599, withB08: 0.98 },
  B09: { mean: 732, withB08: 0.8 },
  B10: { mean: 12, withB08: 0.2 },
  B11: { mean: 1820, withB08: 0.5 },
  B12: { mean: 1118, withB08: 0.3 },
}

/** What is said of files that hold bands in one order and are named in another. */
const doubt = (stored: readonly string[], named: readonly string[]) =>
  doubtBands(
    named,
    stored.map((band) => looks[band]!.mean),
    (_, b) => looks[stored[b]!]!.withB08,
  )

test('the right order raises no doubt, the other one does', () => {
  expect(doubt(eurosatOrder, eurosatOrder)).toBeNull()
  expect(doubt(productOrder, productOrder)).toBeNull()
  expect(doubt(surfaceOrder, surfaceOrder)).toBeNull()
  expect(doubt(eurosatOrder, productOrder)).toEqual({ expected: 'B10', found: 'B09' })
  expect(doubt(productOrder, eurosatOrder)).toEqual({ expected: 'B10', found: 'B11' })
  const lastOfTwelve = [...surfaceOrder.filter((band) => band !== 'B8A'), 'B8A']
  expect(doubt(lastOfTwelve, surfaceOrder)).toEqual({ expected: 'B8A', found: 'B12' })
})

test('orders by the number of bands; formulas by the names there are', () => {
  expect(ordersOf(13)).toEqual(['product', 'eurosat'])
  expect(ordersOf(12)).toEqual(['surface'])
  expect(ordersOf(4)).toEqual([])
  expect(eurosatOrder.at(-1)).toBe('B8A')
  expect(indexFormula('NDVI', eurosatOrder)).toBe('(B08 - B04) / (B08 + B04)')
  expect(indexFormula('NDWI', ['Green', 'Near infrared'])).toBe(
    '(Green - "Near infrared") / (Green + "Near infrared")',
  )
})
