/** Of the Engine that these tests work with, for proxies before it. */
export const engineSocket = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '')
