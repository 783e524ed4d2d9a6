import neostandard from 'neostandard'
import tseslint from 'typescript-eslint'
import importX from 'eslint-plugin-import-x'

// Imports point one way: server -> app -> features -> sandbox -> docker -> lib, and features -> db -> lib. Each entry
// names what a folder may import of ours, besides itself; those of files are above the folders that they stand beside.
const layers = {
  lib: [],
  // Messages that server and browser share.
  protocols: [],
  docker: ['lib'],
  db: ['lib'],
  storage: ['lib'],
  leases: ['lib'],
  sandbox: ['docker', 'lib'],
  // How the memory of a host is divided, for config and projects.
  host: ['lib'],
  // What is left of the disk that the Engine writes to: a plugin of the server, which runs and projects ask.
  disk: ['sandbox', 'docker', 'db', 'lib', 'config.ts', 'errors.ts'],
  // Files, arguments and environments as requests give them, for runs and projects.
  programs: ['sandbox', 'lib', 'errors.ts'],
  setup: ['sandbox', 'docker', 'lib', 'config.ts'],
  config: ['http', 'lib'],
  http: ['docker', 'db', 'lib', 'errors.ts'],
  plugins: ['protocols', 'http', 'docker', 'db', 'lib', 'config.ts', 'errors.ts'],
  sockets: ['protocols', 'http', 'lib', 'errors.ts'],
  auth: ['plugins', 'http', 'db', 'lib', 'config.ts', 'errors.ts'],
  runtime: ['disk', 'host', 'plugins', 'sockets', 'protocols', 'http', 'programs', 'sandbox', 'docker', 'db', 'lib', 'config.ts', 'errors.ts'],
  projects: ['disk', 'host', 'leases', 'plugins', 'sockets', 'protocols', 'http', 'programs', 'sandbox', 'docker', 'db', 'storage', 'lib', 'config.ts', 'errors.ts'],
  web: ['protocols']
}

// Within the two features, each folder may import those below it; what stands beside the folders is wiring.
const rooms = {
  runtime: [['protocols', 'system'], ['runs'], ['languages']],
  projects: [['terminals', 'preview', 'git', 'exec', 'transfer', 'files'], ['contract.ts'], ['workspace'], ['lifecycle'], ['core']]
}

const zones = [
  ...Object.entries(layers).map(([folder, allowed]) => ({
    target: `./src/${folder}`,
    from: './src',
    except: [`./${folder}`, ...allowed.map((name) => `./${name}`)],
    message: `src/${folder} may import ${allowed.map((name) => `src/${name}`).join(', ') || 'nothing of ours'} only.`
  })),
  ...Object.entries(rooms).flatMap(([feature, floors]) => floors.flatMap((names, floor) => names.map((name) => {
    const below = floors.slice(floor + 1).flat()
    return {
      target: `./src/${feature}/${name}`,
      from: `./src/${feature}`,
      except: [name, ...below].map((other) => `./${other}`),
      message: `Of src/${feature}, ${name} may import only itself${below.map((other) => `, ${other}`).join('')}.`
    }
  })))
]

export default [
  { ignores: ['dist/', 'node_modules/', 'data/', 'migrations/', 'sandbox-images/*/smoke/'] },
  ...neostandard({ ts: true, noJsx: true }),
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      'no-void': 'off'
    }
  },
  {
    files: ['src/**/*.ts'],
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'no-restricted-globals': ['error', { name: 'process', message: 'Only the entry points touch process.*; pass what is needed.' }]
    }
  },
  {
    // Matchers such as expect.any() are of type any.
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' }
  },
  {
    files: ['src/server.ts', 'src/setup/main.ts'],
    rules: { 'no-restricted-globals': 'off' }
  },
  {
    files: ['src/{sandbox,docker,lib,leases,protocols}/**/*.ts', 'src/**/service.ts', 'src/runtime/runs/{execution,sessions,session,stages}.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['fastify', '@fastify/*'], message: 'Only plugins and routes know Fastify.' }] }]
    }
  }
]
