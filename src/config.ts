import { totalmem } from 'node:os'
import Type from 'typebox'
import { accessVariables, toAccess } from './config/access.ts'
import { parseEnvironment, type Environment } from './config/parse.ts'
import { mailVariables, toMail } from './config/mail.ts'
import { oidcVariables, toOidc } from './config/oidc.ts'
import { projectVariables, toProjects } from './config/projects.ts'
import { runVariables, toRuns } from './config/runs.ts'
import { sandboxVariables, toSandboxes } from './config/sandboxes.ts'
import { serverVariables, toServer } from './config/server.ts'
import { sshVariables, toSsh } from './config/ssh.ts'
import { snapshotVariables, toSnapshots } from './config/snapshots.ts'

export { ConfigError } from './config/error.ts'
export type { MailConfig } from './config/mail.ts'
export type { OidcConfig } from './config/oidc.ts'

/** Every environment variable that Berth reads. Durations take `500`, `30s`, `10m`; sizes `65536`, `64m`, `1g`; limits `20/5m`, `off`. */
export const EnvironmentSchema = Type.Object({
  ...serverVariables, ...accessVariables, ...oidcVariables, ...mailVariables, ...sandboxVariables, ...runVariables, ...projectVariables, ...sshVariables, ...snapshotVariables
}, { additionalProperties: false })

export type Config = ReturnType<typeof loadConfig>

/** Typed configuration from the environment. Throws ConfigError that names every wrong variable. */
export function loadConfig (env: Environment, cpus: number, machineBytes: number = totalmem()) {
  const values = parseEnvironment(EnvironmentSchema, env)
  return {
    ...toServer(values),
    ...toAccess(values, cpus),
    ...toOidc(values),
    ...toMail(values),
    ...toSandboxes(values, machineBytes),
    ...toRuns(values, cpus, machineBytes),
    ...toProjects(values),
    ...toSsh(values),
    ...toSnapshots(values)
  }
}
