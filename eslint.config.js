import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * A folder of src and the sibling folders its files may import from; see ARCHITECTURE, "Layers".
 * A file in a folder below it needs one more "../" to get out.
 */
const layer = (name, mayImport) =>
  [0, 1].map((depth) => ({
    files: [`src/${name}/${'*/'.repeat(depth)}*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(?:\\.\\./){${depth + 1},}(?!\\.\\./|(?:${[name, ...mayImport].join('|')})/|[a-z-]+\\.js$)`,
              message: `src/${name} may import only: ${mayImport.join(', ')}.`,
            },
            ...(name === 'os' || name === 'config'
              ? []
              : [{ regex: '^(?:koffi|chokidar)$', message: 'Only src/os talks to the system.' }]),
          ],
        },
      ],
    },
  }));

export default defineConfig(
  globalIgnores(['build/', 'coverage/', 'node_modules/', '.cache/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A switch over a union is one decision, however many variants it has.
      complexity: ['error', { max: 12, variant: 'modified' }],
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
      ],
    },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^[^.]', message: 'src/core is pure.' }] },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random' },
        { object: 'Date', property: 'now' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'src/core has no clock.',
        },
        {
          selector:
            'AwaitExpression, FunctionDeclaration[async=true], ArrowFunctionExpression[async=true]',
          message: 'src/core is synchronous.',
        },
        { selector: 'ThrowStatement', message: 'src/core returns problems.' },
      ],
    },
  },
  { files: ['src/core/assert.ts'], rules: { 'no-restricted-syntax': 'off' } },
  ...layer('config', ['core']),
  ...layer('os', ['core']),
  ...layer('control', ['core', 'os', 'config']),
  ...layer('daemon', ['core', 'os', 'config', 'control']),
  ...layer('cli', ['core', 'config', 'os']),
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
    },
  },
  {
    files: ['bench/**/*.ts', 'src/*.ts', 'src/cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['eslint.config.js'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-restricted-syntax': 'off' },
  },
  prettier,
);
