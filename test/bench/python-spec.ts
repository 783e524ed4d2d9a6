import path from 'node:path'
import type { DockerClient } from '../../src/docker/index.ts'
import type { RunSandboxSpec } from '../../src/sandbox/container-spec.ts'
import { ensureAgentVolume } from '../../src/sandbox/images/agent-volume.ts'
import { findExtraCertificates, hostCertificateSources } from '../../src/sandbox/images/certificates.ts'
import { imageReference, imageSpec } from '../../src/sandbox/images/lookup.ts'
import { AGENT_IMAGE, resolveImages } from '../../src/sandbox/images/resolve.ts'
import { pickRunUid } from '../../src/sandbox/run-uid.ts'

const imagesDirectory = path.join(import.meta.dirname, '../../sandbox-images')

/** A python sandbox as the server would start it. */
export async function pythonSpec (docker: DockerClient, instanceId: string): Promise<RunSandboxSpec> {
  const images = await resolveImages(imagesDirectory, await findExtraCertificates(hostCertificateSources(process.env)))
  return {
    image: imageReference(images, 'python'),
    language: 'python',
    uid: pickRunUid(),
    instanceId,
    bootId: instanceId,
    agentVolume: await ensureAgentVolume(docker, imageSpec(images, AGENT_IMAGE)),
    memoryBytes: 128 * 2 ** 20,
    cpus: 1,
    pids: 64,
    diskBytes: 64 * 2 ** 20
  }
}
