import path from 'node:path'
import { defineConfig } from 'vite'
import { compress } from './compress.ts'

const root = path.join(import.meta.dirname, 'src/web')

/** The web pages: one HTML file with its scripts and styles, under names that carry a hash of their content. */
export default defineConfig({
  root,
  logLevel: 'warn',
  plugins: [compress()],
  build: {
    outDir: path.join(import.meta.dirname, 'dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // It follows the theme that was chosen, which what older browsers would need does not.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // A data: address would need a hole in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // xterm.js alone has 500 kB.
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: path.join(root, 'index.html')
    }
  }
})
