import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  // Its host name is that of the preview.
  server: { allowedHosts: true }
})
