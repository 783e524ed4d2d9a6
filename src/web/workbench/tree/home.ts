const NAMES = new Set([
  'bash_history', 'bash_logout', 'bashrc', 'profile', 'cache', 'config', 'local', 'lesshst', 'viminfo', 'wget-hsts', 'python_history', 'node_repl_history', 'irb_history',
  'npm', 'bun', 'cargo', 'rustup', 'gradle', 'm2', 'dotnet', 'nuget', 'java', 'kotlin', 'gem', 'bundle', 'cabal', 'stack', 'julia', 'pub-cache', 'dart-tool'
].map((name) => `.${name}`))

/** Whether a path is what shells and tools keep in the home directory, which is the project's. What a project is made of, such as .env, is none. */
export function isOfHome (path: string): boolean {
  return NAMES.has(path)
}
