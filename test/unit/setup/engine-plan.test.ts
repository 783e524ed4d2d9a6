import { expect, it } from 'vitest'
import { planEngine, type EngineSnapshot } from '../../../src/setup/engine/plan.ts'

const bareDebian: EngineSnapshot = {
  answers: false,
  problem: 'ping: the Engine is not reachable',
  isElsewhere: false,
  isForbidden: false,
  hasDockerd: false,
  isDockerdAlive: false,
  isRoot: true,
  isDebian: true,
  hasSystemd: false
}

it.each<[string, Partial<EngineSnapshot>, ReturnType<typeof planEngine>]>([
  ['uses an Engine that answers', { answers: true }, { do: 'use' }],
  ['uses one that answers elsewhere', { answers: true, isElsewhere: true }, { do: 'use' }],
  ['installs on a bare Debian as root', {}, { do: 'install' }],
  ['starts an installed one', { hasDockerd: true }, { do: 'start', with: 'dockerd' }],
  ['starts it through systemd where that runs', { hasDockerd: true, hasSystemd: true }, { do: 'start', with: 'systemd' }],
  ['starts an installed one that is no Debian package', { hasDockerd: true, isDebian: false }, { do: 'start', with: 'dockerd' }],
  ['waits for one that is starting', { hasDockerd: true, isDockerdAlive: true }, { do: 'wait' }]
])('%s', (_, facts, step) => {
  expect(planEngine({ ...bareDebian, ...facts })).toEqual(step)
})

it.each<[string, Partial<EngineSnapshot>, RegExp]>([
  ['DOCKER_HOST is dead', { isElsewhere: true, hasDockerd: true }, /DOCKER_HOST does not answer \(ping: the Engine is not reachable\)/],
  ['the socket is not for this user', { isForbidden: true, isRoot: false }, /usermod -aG docker/],
  ['it is installed and the user is not root', { hasDockerd: true, isRoot: false }, /sudo dockerd$/],
  ['the same under systemd', { hasDockerd: true, isRoot: false, hasSystemd: true }, /sudo systemctl start docker$/],
  ['it is missing and the user is not root', { isRoot: false }, /sudo apt-get install docker\.io/],
  ['it is missing and this is no Debian', { isDebian: false }, /Install one/]
])('says what to do when %s', (_, facts, advice) => {
  expect(planEngine({ ...bareDebian, ...facts })).toEqual({ do: 'refuse', advice: expect.stringMatching(advice) as string })
})
