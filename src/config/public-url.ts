import { isLoopbackName } from '../http/hosts.ts'
import { ConfigError } from './error.ts'

/** Others come back by an address that the server gives out: `localhost` would be their own machine. */
export function requirePublicUrl (variable: string, { HOST, PUBLIC_URL }: { HOST: string, PUBLIC_URL?: string }): void {
  if (PUBLIC_URL === undefined && !isLoopbackName(HOST)) throw new ConfigError(`${variable} needs PUBLIC_URL: where browsers find this server`)
}
