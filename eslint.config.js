import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import accessibility from 'eslint-plugin-vuejs-accessibility'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/**
 * Who may import whom (test/architecture checks the real import graph as well; here the editor tells at once).
 * @param {string[]} files
 * @param {{ regex: string, message: string }[]} patterns
 * @param {string[]} [ignores]
 */
const layer = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
})

const noElectron = {
  regex: '^electron(/|$)',
  message: 'Only src-main/electron and src-main/preload may use Electron.',
}

export default defineConfig(
  globalIgnores(['out/', 'dist/', 'runs/', 'src-main/engine/wasm/assembly/', '**/fixtures/']),
  tseslint.configs.recommendedTypeChecked,
  vue.configs['flat/recommended'],
  accessibility.configs['flat/recommended'],
  prettier,
  {
    languageOptions: {
      parserOptions: {
        project: [
          'src-shared',
          'src-main',
          'src-main/preload',
          'src-main/engine/hostWindow',
          'src-renderer',
          'test',
        ].map((folder) => `${folder}/tsconfig.json`),
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      // Caught by the compiler, with the leading-underscore habit.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A test's or an interface's function may be async without waiting.
      '@typescript-eslint/require-await': 'off',
      // Numbers in texts are what most of ours hold.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // Most of our objects are made by functions and use no `this`; the rule cannot tell.
      '@typescript-eslint/unbound-method': 'off',
      // Names kept beside `string` say which strings are meant.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      'prefer-const': ['error', { destructuring: 'all' }],
      eqeqeq: 'error',
      'no-console': ['error', { allow: ['error', 'warn'] }],
    },
  },
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'vue/multi-word-component-names': 'off',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/no-v-html': 'error',
      // A label may hold its control or name it; either is enough.
      'vuejs-accessibility/label-has-for': [
        'error',
        { required: { some: ['nesting', 'id'] }, controlComponents: ['NumberInput'] },
      ],
      // It knows neither separators nor drop targets; the keyboard and axe tests look at the real page.
      'vuejs-accessibility/no-static-element-interactions': 'off',
    },
  },
  {
    // The linter sees components as `any`; vue-tsc, which knows them, checks the types.
    files: ['src-renderer/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
  { files: ['**/*.{js,mjs}', '*.config.ts'], extends: [tseslint.configs.disableTypeChecked] },
  {
    // Programs that print for people or machines.
    files: ['src-main/cli/**', 'src-main/launcher/**', 'test/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // Fakes and parsed answers: a test fails loudly where a program would have to be careful.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  layer(
    ['src-shared/**'],
    [
      {
        regex: String.raw`^(?!\.{1,2}/|zod$|birpc$|@msgpack/msgpack$)`,
        message: 'src-shared is pure TypeScript: only its own files, zod, and in rpc/ birpc and MessagePack.',
      },
      { regex: 'src-(main|renderer)', message: 'src-shared imports nothing outside itself.' },
    ],
  ),
  layer(
    ['src-renderer/**'],
    [
      noElectron,
      {
        regex: '^node:|src-main',
        message: 'The window reaches the main side through RPC only (#shared/rpc).',
      },
    ],
  ),
  layer(
    ['src-main/**'],
    [noElectron, { regex: 'src-renderer', message: 'The main side never imports the window.' }],
    ['src-main/electron/**', 'src-main/preload/**', 'src-main/engine/**', 'src-main/services/**'],
  ),
  layer(
    ['src-main/engine/**'],
    [
      noElectron,
      {
        regex: String.raw`src-renderer|/(services|storage|cli|webShell|electron|preload)/`,
        message: 'The engine imports only src-shared and itself.',
      },
    ],
    ['src-main/engine/executors/**', 'src-main/engine/ops/**'],
  ),
  layer(
    ['src-main/engine/executors/**', 'src-main/engine/ops/**'],
    [
      noElectron,
      {
        regex: String.raw`src-renderer|/(services|storage|cli|webShell|electron|preload)/|/trainer$`,
        message: 'Executors and ops import src-shared and the engine, never the trainer.',
      },
    ],
  ),
  layer(
    ['src-main/services/**'],
    [
      noElectron,
      {
        regex: String.raw`src-renderer|(?<!#shared)/engine/(?!workerFile$)`,
        message: 'Services reach the engine through its protocol (#shared/engine/protocol) and worker.',
      },
    ],
  ),
)
