import type { Runtime } from '../../sandbox/images/catalogue.ts'
import { quote } from './shell.ts'

/** Beneath it each run has a place of its own. */
const PLACES = '/tmp/runs'
const LOCK = '/tmp/berth-compile.lock'

export interface CompiledRun {
  readonly compile: string
  readonly run: string
  readonly makes: NonNullable<Runtime['compile']>['makes']
  readonly place: string
}

export function placeOf (id: string): string {
  return `${PLACES}/${id}`
}

/**
 * Compiles, and becomes the program. What the compiler makes is the run's own: others may be compiled and run meanwhile. The places
 * of those that have ended go with the next run.
 */
export function compiledLine ({ compile, run, makes, place }: CompiledRun): string {
  const sweep = `for old in ${PLACES}/*; do if read -r pid 2> /dev/null < "$old/pid" && [ ! -d "/proc/$pid" ]; then rm -rf "$old"; fi; done`
  const begin = `mkdir -p ${place} && echo $$ > ${place}/pid && { ${sweep}; } && `
  if (makes === undefined) return `${begin}${compile} && exec ${run}`
  const made = makes.map((name) => `/tmp/${quote(name)}`).join(' ')
  const arguments_ = makes.filter((name) => name.endsWith('.args')).map((name) => ` && sed -i 's|/tmp/|${place}/|g' ${place}/${quote(name)}`).join('')
  return `${begin}( flock 9 && rm -rf ${made} && ${compile} && mv ${made} ${place}/${arguments_} ) 9> ${LOCK} && exec ${run}`
}
