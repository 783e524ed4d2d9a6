import { describe, expect, it } from 'vitest'
import { explainAtRest, explainUnreachable } from '../../../src/projects/preview/explain.ts'
import { renderPage } from '../../../src/http/pages.ts'
import { UnreachableError } from '../../../src/projects/preview/unreachable.ts'

const project = { userId: 'u', audience: 'private', status: 'stopped', error: null, containerId: null, hostPort: null } as const

describe('what is said of an app that cannot be reached', () => {
  const listening = [{ port: 8080, process: 'node', loopbackOnly: true }, { port: 9229, process: null, loopbackOnly: false }]

  it('names what listens elsewhere', () => {
    expect(explainUnreachable(new UnreachableError('refused'), 3000, listening)).toMatchObject({
      statusCode: 502,
      code: 'PREVIEW_UNREACHABLE',
      message: expect.stringContaining('What listens: 8080 (node), 9229.'),
      page: { title: 'Nothing listens on port 3000', table: { rows: [['8080', 'node', 'loopback only'], ['9229', 'unknown', 'any']] } }
    })
    expect(explainUnreachable(new UnreachableError('refused'), 3000, []).message).toContain('Nothing else listens')
  })

  it('tells one that hung up, is too slow or has too many visitors', () => {
    expect(explainUnreachable(new UnreachableError('broken'), 8080, listening)).toMatchObject({ statusCode: 502, page: { title: 'No answer from port 8080' } })
    expect(explainUnreachable(new UnreachableError('silent'), 8080, listening)).toMatchObject({ statusCode: 504, code: 'PREVIEW_TIMEOUT' })
    expect(explainUnreachable(new UnreachableError('busy'), 8080, listening)).toMatchObject({ statusCode: 503, code: 'PREVIEW_BUSY' })
  })
})

describe('what is said of a project at rest', () => {
  it('gives its owner a button and the reason, and strangers neither', () => {
    expect(explainAtRest(project, true)).toMatchObject({ statusCode: 503, page: { button: { url: '/.berth/start' } } })
    const failed = { ...project, status: 'error', error: 'no memory left' } as const
    expect(explainAtRest(failed, true).page?.text).toContain('no memory left')
    const stranger = explainAtRest(failed, false)
    expect(stranger.page).not.toHaveProperty('button')
    expect(stranger.page?.text).not.toContain('no memory left')
  })

  it('has a page that is being started load itself again', () => {
    expect(explainAtRest({ ...project, status: 'starting' }, false)).toMatchObject({ statusCode: 503, page: { refreshSeconds: 1 } })
  })
})

it('a page shows text as text', () => {
  const html = renderPage({
    title: '<script>', text: '"&\'', table: { head: ['<'], rows: [['<img onerror=x>']] }, link: { label: '<b>', url: '"><x' }, button: { label: '<i>', url: '"' }, refreshSeconds: 0, refreshUrl: '"/x', requestId: '<id>'
  })
  expect(html.replaceAll(/<\/?(?:!doctype|html|head|header|body|main|meta|title|style|h1|p|table|tr|th|td|a|form|button|small)(?: [^<>]*)?>/g, '')).not.toMatch(/[<>]/)
  expect(html).toContain('content="0; url=&#34;/x"')
})
