import { createMessageParser } from '../../plugins/sockets/parse-message.ts'
import { ClientMessageSchema, ExecuteMessageSchema } from './schemas.ts'

export const parseClientMessage = createMessageParser(ClientMessageSchema)
export const parseExecuteMessage = createMessageParser(ExecuteMessageSchema)
