import { createDockerClient, endpointFromEnv } from '/work/h/agent/src/docker/index.ts'
import { findExtraCertificates, hostCertificateSources } from '/work/h/agent/src/sandbox/images/certificates.ts'
import { resolveImages } from '/work/h/agent/src/sandbox/images/resolve.ts'
import { selectImages } from '/work/h/agent/src/sandbox/images/selection.ts'
import { buildMissingImages } from '/work/h/agent/src/sandbox/images/build-missing.ts'
import { ensureAgentVolume } from '/work/h/agent/src/sandbox/images/agent-volume.ts'
import { imageSpec } from '/work/h/agent/src/sandbox/images/lookup.ts'
const docker = createDockerClient(endpointFromEnv(process.env))
const specs = await resolveImages('/work/h/agent/sandbox-images', await findExtraCertificates(hostCertificateSources(process.env)))
const failures = await buildMissingImages({ docker, specs: selectImages(specs, []), debian: async () => 'berth/debian:trixie-slim', concurrency: 2, proxies: {}, observe: ({ name, reference }) => ({ line: () => {}, built: () => console.log('built', reference), failed: () => console.log('failed', name) }) })
console.log(failures)
console.log(await ensureAgentVolume(docker, imageSpec(specs, 'agent')))
await docker.close()
