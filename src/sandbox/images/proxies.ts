// The builder takes these without an ARG and keeps them out of the image and its history.
const VARIABLES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()])

/** The proxies that this host is told to use, as build arguments. */
export function proxyArguments (env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(VARIABLES.flatMap((name) => env[name] ? [[name, env[name]]] : []))
}
