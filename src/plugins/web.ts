import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { isLoopbackName } from '../http/hosts.ts'
import { wantsPage } from '../http/pages.ts'
import { embeddable, oldPaths, pagePaths } from '../protocols/pages.ts'

export interface WebOptions {
  readonly directory: string
  /** Where previews are, and by which name browsers know this server. */
  readonly previews: { readonly domain: string, readonly publicUrl: string | undefined }
  /** Whose pages may have ours for embedding in a frame. */
  readonly embedOrigins: readonly string[]
}

// Scripts come from our own files only. xterm.js writes its theme and sizes into <style> elements that it makes itself,
// which no nonce or hash can name beforehand: styles alone may be inline. Previews can be frames of ours, to which the way leads by us.
function policyFor ({ domain, publicUrl }: WebOptions['previews'], ancestors: string): string {
  const { protocol, port } = publicUrl === undefined ? { protocol: 'http:', port: '*' } : new URL(publicUrl)
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    `frame-src 'self' ${protocol}//*.${domain}${port === '' ? '' : `:${port}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors}`
  ].join('; ')
}

const OldQuerySchema = Type.Object({ project: Type.Optional(Type.String()), terminal: Type.Optional(Type.String()), file: Type.Optional(Type.String()) })
type OldQuery = Static<typeof OldQuerySchema>

function workbenchUrl ({ project, ...rest }: OldQuery): string {
  if (project === undefined || project === '') return '/'
  const search = new URLSearchParams(rest).toString()
  return `/p/${encodeURIComponent(project)}${search === '' ? '' : `?${search}`}`
}

const COMPRESSED = ['**/*.br', '**/*.gz']

/**
 * The pages that `npm run build` left in `directory`. Every file is a route of its own: there is no listing, and no path
 * of a request is ever looked up on the disk.
 */
const web: FastifyPluginAsync<WebOptions> = async (app, { directory, previews, embedOrigins }) => {
  const policy = policyFor(previews, "'none'")
  const embedPolicy = policyFor(previews, ["'self'", ...embedOrigins].join(' '))

  /** A cookie is for one name, and previews are below that of `domain`: signed in at 127.0.0.1, one would see none of them. */
  function canonicalUrl (request: FastifyRequest): string | undefined {
    const { host, hostname, url } = request
    const isOther = previews.publicUrl === undefined && hostname !== previews.domain && isLoopbackName(hostname)
    if (!isOther || !wantsPage(request)) return undefined
    return `http://${previews.domain}${/:\d+$/.exec(host)?.[0] ?? ''}${url}`
  }

  // What a cache before us has kept for one browser may be compressed in a way that another does not know.
  app.addHook('onRequest', async (_request, reply) => { void reply.header('Vary', 'Accept-Encoding') })
  app.addHook('onRoute', (route) => { route.config = { ...route.config, isPage: true } })
  await app.register(async (pages) => {
    pages.addHook('onRequest', async (request, reply) => {
      void reply.header('Content-Security-Policy', policy)
      const url = canonicalUrl(request)
      // Not for good: the server may be told another name tomorrow.
      if (url !== undefined) await reply.header('Cache-Control', 'no-store').redirect(url, 307)
    })
    await pages.register(fastifyStatic, {
      root: directory,
      globIgnore: ['assets/**', ...COMPRESSED],
      wildcard: false,
      preCompressed: true,
      // Asked for again each time, and then answered with 304: a page names the assets of its own build.
      maxAge: 0
    })
    // Pages that the workbench has replaced.
    pages.get<{ Querystring: OldQuery }>('/files.html', { schema: { hide: true, querystring: OldQuerySchema } }, async ({ query }, reply) =>
      await reply.redirect(workbenchUrl(query), 308))
    pages.get<{ Querystring: OldQuery }>('/terminal.html', { schema: { hide: true, querystring: OldQuerySchema } }, async ({ query }, reply) =>
      await reply.redirect(workbenchUrl({ terminal: 'latest', ...query }), 308))
    for (const page of pagePaths) {
      if (page !== '/' && page !== embeddable) pages.get(page, { schema: { hide: true } }, async (_request, reply) => await reply.sendFile('index.html'))
    }
    for (const [old, page] of Object.entries(oldPaths)) {
      pages.get(old, { schema: { hide: true } }, async ({ url }, reply) => await reply.redirect(page + url.slice(old.length), 308))
    }
    // The older header knows no origins.
    pages.get(embeddable, { schema: { hide: true } }, async (_request, reply) => await reply.removeHeader('X-Frame-Options').header('Content-Security-Policy', embedPolicy).sendFile('index.html'))
  })
  // A hash of the content is in every name.
  await app.register(fastifyStatic, {
    root: path.join(directory, 'assets'),
    prefix: '/assets/',
    globIgnore: COMPRESSED,
    wildcard: false,
    preCompressed: true,
    decorateReply: false,
    immutable: true,
    maxAge: '1y'
  })
}

export default web
