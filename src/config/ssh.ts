import Type from 'typebox'
import { text, type Values } from './schema.ts'

export const sshVariables = {
  SSH_PORT: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: 'port on which projects are reached by SSH, often 2222; 0 takes a free one. Without it there is no SSH' })),
  SSH_HOST: Type.Optional(text('address that SSH listens on; default HOST'))
}

export interface SshConfig {
  readonly host: string
  readonly port: number
}

export function toSsh (env: Values<typeof sshVariables> & { HOST: string }): { readonly ssh: SshConfig | undefined } {
  return { ssh: env.SSH_PORT === undefined ? undefined : { host: env.SSH_HOST ?? env.HOST, port: env.SSH_PORT } }
}
