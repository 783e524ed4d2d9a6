import { errors } from '../../errors.ts'
import type { Runtime } from '../../sandbox/images/catalogue.ts'
import { WORKSPACE } from '../../sandbox/container-spec.ts'
import type { Command } from './berth-json.ts'
import { quote, toLine } from './shell.ts'

const LOCK = '/tmp/berth-packages.lock'

/**
 * The command, after what its project needs has been installed. Where that was installed is written down which packages these were:
 * nothing is installed twice, and all of it again when the directory has gone.
 */
export function withPackages (command: Command, packages: readonly string[] | undefined, runtime: Runtime | undefined): Command {
  if (packages === undefined || packages.length === 0) return command
  const installer = runtime?.project?.packages
  if (installer === undefined) throw new errors.BAD_BERTH_JSON('nothing is known of how "packages" are installed in this project. Install them by a "build" command')
  const commands = installer.commands.flatMap((words) => expand(words, packages)).map((words) => words.map(quote).join(' '))
  const note = `${installer.directory}/.berth-packages`
  const wanted = quote(packages.join(' '))
  const install = [...commands, `mkdir -p ${installer.directory}`, `printf %s ${wanted} > ${note}`].join(' && ')
  const isThere = `[ "$(cat ${note} 2> /dev/null)" = ${wanted} ]`
  // A container without a network has no route.
  const explain = 'code=$?; why=; { read -r _ && read -r _; } < /proc/net/route || why=", as this project has no network"; ' +
    'echo "berth.json: its packages could not be installed$why" >&2; exit $code'
  // Two runs at once wait for each other.
  return `( cd ${WORKSPACE} && flock 9 && { ${isThere} || { ${install}; }; } ) 9> ${LOCK} || { ${explain}; }; ${toLine(command)}`
}

function expand (words: readonly string[], packages: readonly string[]): string[][] {
  if (words.includes('{package}')) return packages.map((name) => words.map((word) => word === '{package}' ? name : word))
  return [words.flatMap((word) => word === '{packages}' ? packages : [word])]
}
