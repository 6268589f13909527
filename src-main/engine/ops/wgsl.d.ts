/** Shader text, imported as it is written (Vite's `?raw`). */
declare module '*.wgsl?raw' {
  const text: string
  export default text
}
