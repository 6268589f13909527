// Value `at` of the image set: whole numbers of 1 or 2 bytes, or floats, packed to words.

const NO_DATA = 0x7f800000u;

// Whether it is there: a float that is not finite is not.
fn isNumber(at: u32) -> bool {
  return current.pixelBytes != 4u || (images[at] & NO_DATA) != NO_DATA;
}

// 0 where it is not there.
fn valueAt(at: u32) -> f32 {
  if (current.pixelBytes == 1u) {
    return f32((images[at / 4u] >> (at % 4u * 8u)) & 255u);
  }
  if (current.pixelBytes == 2u) {
    return f32((images[at / 2u] >> (at % 2u * 16u)) & 65535u);
  }
  return select(0.0, bitcast<f32>(images[at]), isNumber(at));
}
