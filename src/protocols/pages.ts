/** Where the console's pages are, for the server that sends them and the router that shows them. */
export const pagePaths = ['/', '/p/:id', '/run', '/embed', '/runs', '/settings', '/p/:id/settings', '/classes', '/classes/:id', '/admin', '/admin/:section', '/setup', '/join', '/reset', '/connect', '/invitation', '/assignment'] as const

/** Where they once were. What follows the address goes with it; a browser keeps the fragment by itself. */
export const oldPaths: Readonly<Record<string, PagePath>> = {
  '/setup.html': '/setup', '/join.html': '/join', '/reset.html': '/reset', '/connect.html': '/connect', '/invitation.html': '/invitation', '/assignment.html': '/assignment'
}

/** It alone may be in a frame of others. */
export const embeddable: PagePath = '/embed'

export type PagePath = typeof pagePaths[number]
