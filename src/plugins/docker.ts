import fp from 'fastify-plugin'
import { createDockerClient, type DockerClient, type DockerClientOptions } from '../docker/index.ts'

declare module 'fastify' {
  interface FastifyInstance {
    docker: DockerClient
  }
}

export default fp<{ options: DockerClientOptions }>(async (app, { options }) => {
  const docker = createDockerClient(options)
  app.decorate('docker', docker)
  app.addHook('onClose', async () => await docker.close())
}, { name: 'docker' })
