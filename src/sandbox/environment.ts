// What the Engine gives a process whose image names no PATH.
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** A container's environment from the `NAME=value` that the Engine tells, laid over the defaults. */
export function parseEnvironment (lines: readonly string[], defaults: Readonly<Record<string, string>> = { PATH: DEFAULT_PATH }): Record<string, string> {
  const variables = lines.map((line) => {
    const split = line.indexOf('=')
    return [line.slice(0, split), line.slice(split + 1)] as const
  })
  return { ...defaults, ...Object.fromEntries(variables) }
}
