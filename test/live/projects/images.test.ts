import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findExtraCertificates, hostCertificateSources } from '../../../src/sandbox/images/certificates.ts'
import { imageReference } from '../../../src/sandbox/images/lookup.ts'
import { resolveImages } from '../../../src/sandbox/images/resolve.ts'
import { projectContainerName } from '../../../src/sandbox/container-spec.ts'
import { waitFor } from '../../support/wait-for.ts'
import { imagesDirectory } from '../support/berth.ts'
import { startProjectsBerth, type Berth } from './berth.ts'
import { signUp, type User } from './user.ts'

const NOBODY_LISTENS = '127.0.0.1:1/nothing:1'

let berth: Berth
let user: User
beforeAll(async () => {
  const images = await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env)))
  berth = await startProjectsBerth({ PROJECT_IMAGES: `lab=${imageReference(images, 'lua')}, nothing=${NOBODY_LISTENS}` })
  user = await signUp(berth.origin)
})
afterAll(async () => await berth.stop())

describe('an image of the operator\'s', () => {
  it('is a project\'s runtime, by its id, with the agent and as locked down as any', async () => {
    const project = await user.createProject({ runtime: 'lab', files: [{ path: 'main.lua', content: 'print("hello")' }] })
    expect(project).toMatchObject({ runtime: 'lab' })
    expect((await user.exec(project.id, 'lua main.lua; id -u')).output).toMatch(/^hello\n[12]\d{6}\n$/)
    const { Config, HostConfig } = await berth.app.docker.containers.inspect(projectContainerName(project.id))
    expect(Config.Image).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(HostConfig).toMatchObject({ CapDrop: ['ALL'], ReadonlyRootfs: true, Privileged: false })
    await user.stop(project.id)
    expect((await user.exec(project.id, 'cat main.lua')).output).toBe('print("hello")')
    await user.remove(project.id)
  })

  it('that is neither there nor to be pulled makes a project that says so', async () => {
    const { id } = await user.createProject({ runtime: 'nothing' })
    const message = await waitFor('the pull to fail', async () => {
      const { status, body } = await user.call<{ code: string, message: string }>('POST', `/projects/${id}/start`)
      expect([status, body.code]).toEqual([503, 'RUNTIME_IMAGE_MISSING'])
      return /log says why/.test(body.message) && body.message
    })
    expect(message).toContain('runtime nothing')
    expect(message).not.toContain('127.0.0.1')
    expect(await user.status(id)).toMatchObject({ status: 'error', error: message })
    await user.remove(id)
  })

  it('is named to whoever asks for a runtime that there is not', async () => {
    expect(await user.call('POST', '/projects', { name: 'x', runtime: 'cobol' })).toMatchObject({ status: 400, body: { code: 'UNKNOWN_LANGUAGE', message: expect.stringMatching(/lab, nothing$/) } })
    expect((await user.call('POST', '/projects', { name: 'x', runtime: 'LAB' })).status).toBe(400)
  })
})
