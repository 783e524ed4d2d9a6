/** Where the console's pages are, for the server that sends them and the router that shows them. */
export const pagePaths = ['/', '/run', '/runs', '/settings', '/admin', '/admin/:section', '/setup', '/join', '/reset', '/connect', '/invitation', '/assignment'] as const

export type PagePath = typeof pagePaths[number]
