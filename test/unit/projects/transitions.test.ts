import { describe, expect, it } from 'vitest'
import { nextStep, type Intent, type NextStep, type ProjectView } from '../../../src/projects/lifecycle/transitions.ts'

const project = (status: ProjectView['status'], more: Partial<ProjectView> = {}): ProjectView => ({ status, isLeased: false, isDeleted: false, ...more })

describe('the next step of', () => {
  it.each<[Intent, ProjectView['status'], NextStep]>([
    ['start', 'stopped', 'claim'],
    ['start', 'error', 'claim'],
    ['start', 'running', 'done'],
    ['start', 'starting', 'claim'],
    ['start', 'stopping', 'claim'],
    ['stop', 'stopped', 'done'],
    ['stop', 'error', 'claim'],
    ['stop', 'running', 'claim'],
    ['stop', 'starting', 'claim'],
    ['stop', 'stopping', 'claim'],
    ['delete', 'stopped', 'claim'],
    ['delete', 'error', 'claim'],
    ['delete', 'running', 'claim'],
    ['delete', 'starting', 'claim'],
    ['delete', 'stopping', 'claim']
  ])('a %s of a project that is %s and that nobody is at work on is %s', (intent, status, step) => {
    expect(nextStep(project(status), intent, false)).toBe(step)
  })

  it.each<Intent>(['start', 'stop', 'delete'])('a %s is to wait while somebody is at work', (intent) => {
    for (const status of ['stopped', 'starting', 'running', 'stopping', 'error'] as const) {
      expect(nextStep(project(status, { isLeased: true }), intent, false)).toBe('wait')
    }
  })

  it.each<[Intent, NextStep]>([['start', 'gone'], ['stop', 'gone'], ['delete', 'claim']])('a %s of a project that is being deleted is %s', (intent, step) => {
    expect(nextStep(project('running', { isDeleted: true }), intent, false)).toBe(step)
  })

  it('a start does not wait for the end of a deletion', () => {
    expect(nextStep(project('running', { isDeleted: true, isLeased: true }), 'start', false)).toBe('gone')
  })

  it.each<[Intent, NextStep]>([['start', 'gone'], ['stop', 'gone'], ['delete', 'done']])('a %s of a project that has gone is %s', (intent, step) => {
    expect(nextStep(undefined, intent, false)).toBe(step)
  })

  it('a start that has waited for another that failed fails with it, and makes a new attempt of its own otherwise', () => {
    expect(nextStep(project('error'), 'start', true)).toBe('failed')
    expect(nextStep(project('stopped'), 'start', true)).toBe('claim')
    expect(nextStep(project('error'), 'stop', true)).toBe('claim')
  })
})
