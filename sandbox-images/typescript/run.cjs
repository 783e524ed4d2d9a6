'use strict'
// Required before every program: what JavaScript has, and the paths of a tsconfig.json, which its compiler only checks.
require('/usr/local/lib/berth/blocking.cjs')

const { existsSync, readFileSync } = require('node:fs')
const out = process.env.BERTH_OUT ?? '/tmp'
if (existsSync(`${out}/paths.json`)) {
  const { registerHooks } = require('node:module')
  const { pathToFileURL } = require('node:url')
  const { paths = {}, baseUrl = '.' } = JSON.parse(readFileSync(`${out}/paths.json`, 'utf8')).compilerOptions
  // The longest prefix first, as the compiler takes them.
  const rules = Object.entries(paths)
    .map(([pattern, targets]) => ({ parts: pattern.split('*'), targets }))
    .sort((a, b) => b.parts[0].length - a.parts[0].length)
  const workspace = process.cwd()

  const candidates = function * (specifier) {
    for (const { parts: [prefix, suffix], targets } of rules) {
      const isMatch = suffix === undefined
        ? specifier === prefix
        : specifier.length >= prefix.length + suffix.length && specifier.startsWith(prefix) && specifier.endsWith(suffix)
      if (!isMatch) continue
      const star = specifier.slice(prefix.length, specifier.length - (suffix?.length ?? 0))
      for (const target of targets) {
        const source = new URL(target.replace('*', star), pathToFileURL(`${workspace}/${baseUrl}/`)).pathname
        const made = decodeURIComponent(source).replace(`${workspace}/`, `${out}/program/`).replace(/\.([cm]?)tsx?$/, '.$1js')
        yield * [made, `${made}.js`, `${made}.mjs`, `${made}.cjs`, `${made}/index.js`]
      }
    }
  }
  registerHooks({
    resolve (specifier, context, next) {
      const found = [...candidates(specifier)].find((file) => /\.[cm]?js(?:on)?$/.test(file) && existsSync(file))
      return found === undefined ? next(specifier, context) : { url: pathToFileURL(found).href, shortCircuit: true }
    }
  })
}
