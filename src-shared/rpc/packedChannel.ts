/**
 * Messages as MessagePack bytes. Both shells pack, so that whatever reaches the window in one reaches it in the other:
 * a port alone would refuse Vue's proxies and functions, a socket alone could not carry typed arrays.
 * Uint8Array is MessagePack's own `bin`; the other typed arrays are extensions with their bytes, little-endian.
 */
import { decode, encode, ExtensionCodec } from '@msgpack/msgpack'
import type { Channel } from './channel'

/** The position in this list + 1 is the extension's type: only append. */
const typedArrays = [Float32Array, Uint32Array, Int32Array, Float64Array, Uint16Array] as const

const extensionCodec = new ExtensionCodec()
typedArrays.forEach((TypedArray, index) => {
  extensionCodec.register({
    type: index + 1,
    encode: (value) =>
      value instanceof TypedArray ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null,
    // A copy, because the bytes in the packet are not aligned.
    decode: (bytes) => new TypedArray(bytes.slice().buffer),
  })
})

/** Keys whose value is undefined are left out, as JSON does. */
export function pack(message: unknown): Uint8Array<ArrayBuffer> {
  return encode(message, { extensionCodec, ignoreUndefined: true })
}

/** Throws on bytes that are not one MessagePack value. */
export function unpack(bytes: Uint8Array): unknown {
  return decode(bytes, { extensionCodec })
}

/** A channel of messages over a channel of bytes. A packet that cannot be read is dropped and reported. */
export function packedChannel(bytes: Channel, onDamaged: (problem: unknown) => void = () => {}): Channel {
  return {
    post: (message) => bytes.post(pack(message)),
    onMessage(handler) {
      bytes.onMessage((packet) => {
        let message: unknown
        try {
          if (!(packet instanceof Uint8Array)) throw new TypeError('expected bytes')
          message = unpack(packet)
        } catch (problem) {
          onDamaged(problem)
          return
        }
        handler(message)
      })
    },
    onClose: (handler) => bytes.onClose(handler),
    close: () => bytes.close(),
  }
}
