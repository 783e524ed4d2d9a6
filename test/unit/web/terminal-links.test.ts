import { describe, expect, it } from 'vitest'
import { targetOf } from '../../../src/web/terminal/links.ts'

const ID = '11111111-1111-4111-8111-111111111111'
const preview = `http://3000--${ID}.localhost:8080/`

describe('a link that is printed in a terminal', () => {
  it.each([
    ['http://localhost:5173/', `http://5173--${ID}.localhost:8080/`],
    ['http://localhost:3000/a?b=c#d', `http://3000--${ID}.localhost:8080/a?b=c#d`],
    ['http://127.0.0.1:8000', `http://8000--${ID}.localhost:8080/`],
    ['http://0.0.0.0:8000//x', `http://8000--${ID}.localhost:8080/x`],
    ['http://[::]:8000/', `http://8000--${ID}.localhost:8080/`],
    ['http://[::1]:8000/', `http://8000--${ID}.localhost:8080/`],
    ['http://localhost/', `http://80--${ID}.localhost:8080/`]
  ])('%s leads to the preview of its port', (link, expected) => expect(targetOf(link, preview)).toBe(expected))

  it.each(['https://example.org/localhost:3000', 'http://localhost.example.org:3000/', `http://5173--${ID}.localhost:8080/`, 'http://10.0.0.1:3000/', 'ftp://localhost/', 'no link'])('%s leads where it says', (link) => {
    expect(targetOf(link, preview)).toBe(link)
  })

  it('leads where it says, where there are no previews', () => expect(targetOf('http://localhost:3000/', null)).toBe('http://localhost:3000/'))
})
