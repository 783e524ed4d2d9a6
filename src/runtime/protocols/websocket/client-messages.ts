import { createMessageParser } from '../../../sockets/parse-message.ts'
import { ClientMessageSchema, ExecuteMessageSchema } from '../../runs/session-schemas.ts'

export const parseClientMessage = createMessageParser(ClientMessageSchema)
export const parseExecuteMessage = createMessageParser(ExecuteMessageSchema)
