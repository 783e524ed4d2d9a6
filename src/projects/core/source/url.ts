const MAX_LENGTH = 2048
const PROTOCOLS = ['https:', 'http:', 'git:', 'ssh:']

/**
 * Why a repository's address is not taken, as the end of a sentence; undefined if it is. It is stored, shown and put on a
 * command line of the sandbox, so there is no room in it for secrets, for options or for anything but one address.
 */
export function urlProblem (text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`
  // Blanks and control characters that URL would drop, and the backslash that it would turn, are read otherwise by git.
  if (/[^!-~]|\\/.test(text)) return 'has characters in it that a URL writes as %XX'
  const url = URL.parse(text)
  if (url === null || !text.includes('://')) return 'is no URL such as https://host/repository.git or ssh://git@host/repository.git'
  if (!PROTOCOLS.includes(url.protocol)) return `is none of ${PROTOCOLS.map((name) => `${name}//`).join(', ')}`
  if (url.hostname === '' || url.hostname.startsWith('-')) return 'names no host'
  if (url.password !== '' || (url.username !== '' && url.protocol !== 'ssh:') || url.username.startsWith('-')) {
    return 'has credentials in it, which would be stored: make an empty project and clone in its terminal'
  }
  if (url.search !== '' || url.hash !== '') return 'has a query or a fragment, which no repository needs'
  return undefined
}
