import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

/** Everything is built into out/: out/main (Node and Electron main), out/preload, out/renderer (served by both shells). */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      // kernels.wasm is built into it before; the launcher's build clears the chunks.
      emptyOutDir: false,
      rollupOptions: {
        input: {
          index: resolve('src-main/index.ts'),
          engineWorker: resolve('src-main/engine/worker.ts'),
          cpuThread: resolve('src-main/engine/executors/cpuThread.ts'),
          decoder: resolve('src-main/storage/decoding/decoder.ts'),
          imageReader: resolve('src-main/storage/reading/imageReader.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rollupOptions: {
        input: { preload: resolve('src-main/preload/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [vue()],
    define: {
      // vue-i18n's bundler flags: only the composition API, and no developer tools.
      __VUE_I18N_LEGACY_API__: false,
      __VUE_I18N_FULL_INSTALL__: false,
      __INTLIFY_PROD_DEVTOOLS__: false,
      __VUE_OPTIONS_API__: true,
      __VUE_PROD_DEVTOOLS__: false,
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    },
    build: {
      outDir: 'out/renderer',
      minify: 'oxc',
      rollupOptions: { input: { index: resolve('src-renderer/index.html') } },
    },
  },
})
