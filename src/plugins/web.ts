import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'

// Scripts come from our own files only. xterm.js writes its theme and sizes into <style> elements that it makes itself,
// which no nonce or hash can name beforehand: styles alone may be inline.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

/**
 * The pages that `npm run build` left in `directory`. Every file is a route of its own: there is no listing, and no path
 * of a request is ever looked up on the disk.
 */
const web: FastifyPluginAsync<{ directory: string }> = async (app, { directory }) => {
  app.addHook('onRoute', (route) => { route.config = { ...route.config, isPage: true } })
  await app.register(async (pages) => {
    pages.addHook('onRequest', async (_request, reply) => {
      void reply.header('Content-Security-Policy', policy)
    })
    await pages.register(fastifyStatic, {
      root: directory,
      globIgnore: ['assets/**'],
      wildcard: false,
      // Asked for again each time, and then answered with 304: a page names the assets of its own build.
      maxAge: 0
    })
    for (const page of ['setup', 'join', 'reset', 'connect', 'invitation', 'assignment']) {
      pages.get(`/${page}`, { schema: { hide: true } }, async (_request, reply) => await reply.sendFile(`${page}.html`))
    }
  })
  // A hash of the content is in every name.
  await app.register(fastifyStatic, {
    root: path.join(directory, 'assets'),
    prefix: '/assets/',
    wildcard: false,
    decorateReply: false,
    immutable: true,
    maxAge: '1y'
  })
}

export default web
