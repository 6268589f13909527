import { defineConfig } from 'vite'

/** The hidden window has a bundle of its own, so that no kernel gets into the one that people see. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: { outDir: '../../../out/hostWindow', emptyOutDir: true, minify: 'oxc', target: 'chrome140' },
})
