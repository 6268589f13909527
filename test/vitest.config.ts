import { defineConfig } from 'vitest/config'
import vue from '@vitejs/plugin-vue'

/**
 * One run, two projects: `engine` (Node: everything but the screen) and `app` (a real browser through the web shell,
 * one file at a time). Both need `npm run build` first; `npm test` does that.
 */
export default defineConfig({
  plugins: [vue()],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'engine',
          include: ['test/{unit,plan,conformance,export,projects,architecture}/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'app',
          include: ['test/app/**/*.test.ts'],
          environment: 'node',
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // After the others: a browser and a training need the machine for themselves.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
