import type { PublishedEvent } from './event.ts'

/** Who may see it; administrators see everything that they ask for. */
export type FindAudience = (event: PublishedEvent) => Promise<ReadonlySet<string>>

/** The one place that says whose a project is, for events. */
export const findAudience: FindAudience = async ({ project }) => new Set(project === undefined ? [] : [project.owner])
