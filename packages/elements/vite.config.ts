import path from 'node:path'
import { defineConfig } from 'vite'

const root = path.join(import.meta.dirname, '../..')

/** One module for any page, with whatever it loads beside it, under any address. Berth serves it too, below /elements. */
export default defineConfig({
  root: path.join(root, 'src/elements'),
  base: './',
  logLevel: 'warn',
  build: {
    outDir: path.join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    chunkSizeWarningLimit: 900,
    lib: { entry: 'main.ts', formats: ['es'], fileName: 'berth-elements' },
    minify: true
  }
})
