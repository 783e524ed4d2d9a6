import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { errors } from '../../errors.ts'
import { localPath } from '../../http/local-path.ts'
import { PAGE_HEADERS, renderPage, type Page } from '../../http/pages.ts'
import type { Projects } from '../contract.ts'
import type { Handovers } from './handovers.ts'
import type { Origins } from './origins.ts'
import { ARRIVAL_PATH, DEPARTURE_PATH } from './own-paths.ts'

type Identify = FastifyInstance['auth']['identify']

const HandoverQuerySchema = Type.Object({
  project: Type.String({ format: 'uuid' }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  path: Type.Optional(Type.String({ maxLength: 8_192, description: 'where in the preview to arrive' })),
  again: Type.Optional(Type.Boolean({ description: 'whether this is the second try of a browser' }))
}, { additionalProperties: false })

export interface HandoverRouteOptions {
  readonly find: Projects['find']
  readonly identify: Identify
  readonly handovers: Handovers
  readonly origins: Origins
}

/** Where a browser without access to a private preview is sent, and from where it goes back with a one-time token. */
export const handoverRoute: FastifyPluginAsyncTypebox<HandoverRouteOptions> = async (app, { find, identify, handovers, origins }) => {
  app.get(DEPARTURE_PATH, {
    config: { isPage: true },
    schema: { operationId: 'openPreview', summary: 'Open a private preview in the browser that is signed in here', tags: ['projects'], querystring: HandoverQuerySchema }
  }, async (request, reply) => {
    const { project, port, path, again } = request.query
    const principal = await signedIn(identify, request)
    if (principal === undefined) return await (again === true ? askToSignIn(request, reply) : tryAgain(request, reply))
    if (principal.via !== 'cookie') throw new errors.BAD_REQUEST('A key opens a preview by itself: send it there')
    await find(principal.userId, project, 'view')
    const address = { projectId: project.toLowerCase(), port }
    const token = await handovers.mint(address, principal.sessionId)
    const query = new URLSearchParams({ token, path: localPath(path ?? null) })
    return await reply
      .headers({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
      .redirect(`${origins.preview(address, request.host)}${ARRIVAL_PATH}?${query.toString()}`, 303)
  })
}

async function signedIn (identify: Identify, request: FastifyRequest): Promise<Awaited<ReturnType<Identify>> | undefined> {
  try {
    return await identify(request)
  } catch (error) {
    if (error instanceof errors.UNAUTHENTICATED && request.headers.accept?.includes('text/html') === true) return undefined
    throw error
  }
}

/**
 * The cookie is for requests from our own pages only, and some browsers take a redirect from a preview's name for a
 * request from there. A page of our own that leads to the same place settles it.
 */
async function tryAgain (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return await sendPage(reply, { title: 'Opening the preview', text: 'One moment.', refreshSeconds: 0, refreshUrl: `${request.url}&again=true`, requestId: request.id })
}

async function askToSignIn (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return await sendPage(reply.code(401), {
    title: 'Sign in to see this preview',
    text: 'It is private. Sign in as somebody who has a part in it, then open it again.',
    link: { label: 'Sign in', url: `/?next=${encodeURIComponent(request.url.replace(/&again=true$/, ''))}`, opensTab: request.headers['sec-fetch-dest'] === 'iframe' },
    requestId: request.id
  })
}

async function sendPage (reply: FastifyReply, page: Page): Promise<FastifyReply> {
  return await reply.headers(PAGE_HEADERS).send(renderPage(page))
}
