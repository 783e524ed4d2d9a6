import fp from 'fastify-plugin'
import { loadInstanceId } from '../../../db/instance-id.ts'
import { createEngineBinding, type EngineBinding } from './binding.ts'
import { createBindingRepo } from './repo.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whose containers, volumes and networks of projects on the Engine are ours: the database's. */
    projectsInstanceId: string
    engineBinding: EngineBinding
  }
}

/** Refuses to start on a database and an Engine that do not belong together. */
export default fp<{ adopt: string | undefined }>(async (app, { adopt }) => {
  const { db, docker, log } = app
  const instanceId = await loadInstanceId(db)
  const binding = createEngineBinding({ docker, repo: createBindingRepo(db), instanceId, adopt, log })
  await binding.open()
  app.decorate('projectsInstanceId', instanceId)
  app.decorate('engineBinding', binding)
  app.addHook('onClose', async () => await binding.close().catch((err: unknown) => log.warn({ err }, 'the Engine keeps the marker of this database')))
}, { name: 'engine-binding', dependencies: ['db', 'docker'] })
