import { defineConfig } from 'astro/config'

export default defineConfig({
  // Its host name is that of the preview.
  server: { host: true, port: 4321, allowedHosts: true }
})
