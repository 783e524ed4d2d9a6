import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { notify } from '../../db/notifications.ts'
import { createClientAddress } from '../../http/client-address.ts'
import { requestIdOf } from '../../http/request-id.ts'
import { findRole } from '../core/roles.ts'
import type { ProjectsCore } from '../contract.ts'
import { createAccess } from './access.ts'
import type { PreviewAddress } from './address.ts'
import { createConnect } from './connect.ts'
import type { FrontDoor } from '../../http/front-door.ts'
import { createGrants } from './grants.ts'
import { createHandovers } from './handovers.ts'
import { createPreviewLimits } from './limits.ts'
import { createOrigins } from './origins.ts'
import { createOwnPaths } from './own-paths.ts'
import { createPreviewServer } from './preview.ts'
import { createPreviewRepo } from './repo.ts'
import { handoverRoute } from './routes.ts'
import { createVisitors } from './visitors.ts'

export interface PreviewOptions {
  readonly jwtSecret: string
  /** Where requests for previews leave those for the API. */
  readonly frontDoor: FrontDoor
}

export interface Previews {
  /** Where a browser finds what listens there. */
  readonly urlOf: (address: PreviewAddress) => string
  /** Who may look has changed: whoever may not any more is shown out, on all servers. */
  readonly audienceChanged: (projectId: string) => Promise<void>
  readonly close: () => void
}

const CHANNEL = 'berth_previews'

/** What projects serve, under names of their own. */
export async function registerPreviews (app: FastifyInstance, core: ProjectsCore, { jwtSecret, frontDoor }: PreviewOptions): Promise<Previews> {
  const { db, auth, notifications, log } = app
  const { config, agents, listening } = core
  const { domain, publicUrl, headersTimeoutMs } = config.previews
  const protocol = publicUrl?.startsWith('https:') === true ? 'https' : 'http'
  const origins = createOrigins({ domain, publicUrl, listeningPort: () => (app.server.address() as AddressInfo).port })
  const grants = createGrants(jwtSecret)
  const handovers = createHandovers(db)
  const visitors = createVisitors()
  const find = createPreviewRepo(db)
  const limits = createPreviewLimits({ addressOf: createClientAddress(config.trustProxy), strangers: auth.strangers, countUser: auth.countUser })

  frontDoor.open(createPreviewServer({
    domain,
    protocol,
    headersTimeoutMs,
    isBehindProxy: config.trustProxy !== false,
    requestIdOf,
    visit: createAccess({ find, roleOf: async (userId, projectId) => await findRole(db, userId, projectId), identities: auth, grants, limits }),
    countStranger: limits.countStranger,
    ownPaths: createOwnPaths({ handovers, grants, origins, isSecure: protocol === 'https', start: core.start }),
    connect: createConnect({ agents, listening, previewPort: config.sandbox.previewPort }),
    listening,
    visitors,
    onRevoked: auth.onRevoked,
    roles: core.roles,
    isSessionToken: auth.isSessionToken,
    isPredefinedKey: auth.isPredefinedKey,
    touch: core.touch,
    log
  }))
  await app.register(handoverRoute, { find: core.find, identify: auth.identify, handovers, origins })

  async function showOut (projectId: string): Promise<void> {
    if ((await find(projectId))?.audience !== 'public') visitors.closeAnonymous(projectId)
  }
  notifications.subscribe(CHANNEL, {
    onMessage: (projectId) => {
      showOut(projectId).catch((err: unknown) => {
        // Rather one too many than one who may not look any more.
        log.warn({ err, projectId }, 'anonymous visitors of a preview are shown out unasked')
        visitors.closeAnonymous(projectId)
      })
    },
    onLost: () => undefined,
    onListening: async () => {
      for (const projectId of visitors.anonymouslyVisited()) await showOut(projectId)
    }
  })
  core.onStopped(visitors.closeProject)
  app.addHook('onReady', async () => frontDoor.takeUpgrades(app.server))

  return {
    urlOf: (address) => `${origins.preview(address)}/`,
    audienceChanged: async (projectId) => {
      await notify(db, CHANNEL, projectId)
      await showOut(projectId)
    },
    close: visitors.closeAll
  }
}
