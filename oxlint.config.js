import stylistic from '@stylistic/eslint-plugin'
import { defineConfig } from 'oxlint'

const style = stylistic.configs.customize({ semi: false, quotes: 'single', commaDangle: 'never', arrowParens: true, braceStyle: '1tbs', jsx: false }).rules

export default defineConfig({
  plugins: ['eslint', 'typescript', 'import', 'node', 'promise', 'oxc', 'unicorn'],
  jsPlugins: ['@stylistic/eslint-plugin', './lint/plugin.js'],
  options: { typeAware: true, typeCheck: true, denyWarnings: true },
  categories: { correctness: 'error' },
  ignorePatterns: ['dist/', 'node_modules/', 'data/', 'migrations/', 'sandbox-images/*/smoke/', 'templates/', 'src/client/rest/operations.ts'],
  rules: {
    ...style,
    '@stylistic/space-before-function-paren': ['error', 'always'],
    '@stylistic/generator-star-spacing': ['error', 'both'],
    '@stylistic/yield-star-spacing': ['error', 'both'],
    '@stylistic/indent': ['error', 2, { SwitchCase: 1, ignoredNodes: ['TemplateLiteral *'] }],
    '@stylistic/list-style': 'off',
    '@stylistic/max-statements-per-line': 'off',
    '@stylistic/quote-props': ['error', 'as-needed'],
    '@stylistic/quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: 'never' }],
    '@stylistic/operator-linebreak': ['error', 'after', { overrides: { '?': 'before', ':': 'before', '|': 'before' } }],
    'array-callback-return': 'error',
    curly: ['error', 'multi-line'],
    'default-case-last': 'error',
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'import/no-cycle': 'error',
    'new-cap': ['error', { capIsNew: false }],
    'no-new': 'error',
    'no-unused-vars': ['error', { args: 'none', caughtErrors: 'none', ignoreRestSiblings: true }],
    'no-new-func': 'error',
    'no-return-assign': 'error',
    'no-self-compare': 'error',
    'no-sequences': 'error',
    'no-template-curly-in-string': 'error',
    'no-unneeded-ternary': 'error',
    'no-unreachable-loop': 'error',
    'no-useless-return': 'error',
    'no-var': 'error',
    'object-shorthand': ['error', 'properties'],
    'one-var': ['error', { initialized: 'never' }],
    'prefer-const': ['error', { destructuring: 'all' }],
    'prefer-regex-literals': 'error',
    'prefer-rest-params': 'error',
    'prefer-spread': 'error',
    'promise/no-callback-in-promise': 'off',
    'promise/param-names': 'error',
    'require-yield': 'off',
    'typescript/consistent-type-imports': 'error',
    'typescript/require-array-sort-compare': 'off',
    'typescript/no-misused-spread': 'off',
    'typescript/no-explicit-any': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/restrict-plus-operands': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    // A copy of what is changed meanwhile.
    'unicorn/no-useless-spread': 'off',
    yoda: 'error'
  },
  overrides: [
    {
      files: ['**/*.{ts,tsx}'],
      rules: Object.fromEntries(['argument', 'assignment', 'call', 'enum-comparison', 'member-access', 'return'].map((part) => [`typescript/no-unsafe-${part}`, 'error']))
    },
    {
      files: ['src/**/*.{ts,tsx}'],
      rules: {
        'berth/import-directions': 'error',
        'no-restricted-globals': ['error', { name: 'process', message: 'Only the entry points touch process.*; pass what is needed.' }]
      }
    },
    {
      // Without types there.
      files: ['**/*.{js,cjs,mjs}'],
      rules: { 'typescript/restrict-template-expressions': 'off' }
    },
    {
      // Matchers such as expect.any() are of type any.
      files: ['test/**/*.ts'],
      rules: { 'typescript/no-unsafe-assignment': 'off' }
    },
    {
      files: ['src/server.ts', 'src/cli.ts', 'src/setup/main.ts'],
      rules: { 'no-restricted-globals': 'off' }
    },
    {
      files: ['src/{sandbox,docker,lib,leases,protocols}/**/*.ts', 'src/**/service.ts', 'src/runtime/runs/{execution,sessions,session,stages}.ts'],
      rules: {
        'no-restricted-imports': ['error', { patterns: [{ group: ['fastify', '@fastify/*'], message: 'Only plugins and routes know Fastify.' }] }]
      }
    }
  ]
})
