import type { FastifyReply } from 'fastify'
import { streamJson } from '../lib/json-stream.ts'

/** From here on an answer is written in pieces rather than at once. */
export const STREAMED_BYTES = 1024 ** 2

/** Sends JSON without holding up others while it is written; the response's schema is not applied to it. */
export async function sendInPieces (reply: FastifyReply, value: unknown): Promise<never> {
  return await reply.type('application/json; charset=utf-8').send(streamJson(value))
}
