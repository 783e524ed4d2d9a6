import type { ReadyRuntime } from '../../src/runtime/languages/readiness.ts'

/** A ready runtime as the catalogue would give it, with what a test wants to be different. */
export function readyRuntime (definition: Partial<ReadyRuntime['definition']> = {}): ReadyRuntime {
  return {
    version: '3.13.5',
    env: { PATH: '/usr/bin', LANG: 'C.UTF-8' },
    definition: {
      language: 'python',
      name: 'Python',
      aliases: ['py'],
      kind: 'interpreted',
      extension: 'py',
      mainFile: 'main.py',
      versionCommand: ['python3', '--version'],
      run: { command: ['python3', '{main}'] },
      env: {},
      limits: { timeout: 10_000, memory: 134_217_728, cpus: 1, pids: 64 },
      errors: { syntax: '^SyntaxError: ' },
      folder: '/nowhere',
      ...definition
    }
  }
}
