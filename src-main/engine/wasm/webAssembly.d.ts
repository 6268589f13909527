/** The part of the WebAssembly JavaScript API that the CPU executor uses; @types/node leaves it to TypeScript's DOM library. */
declare namespace WebAssembly {
  type Exports = Record<string, unknown>

  class Module {
    constructor(bytes: Uint8Array)
    private readonly module: never
  }

  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>)
    readonly exports: Exports
  }

  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: boolean })
    readonly buffer: SharedArrayBuffer
  }

  function compile(bytes: Uint8Array): Promise<Module>
  function validate(bytes: Uint8Array): boolean
}
