import { StreamLanguage, type StreamParser } from '@codemirror/language'
import type { Extension } from '@codemirror/state'

type Load = () => Promise<Extension>

/** The old modes have no syntax tree, but there is one for almost everything. */
const legacy = (load: () => Promise<StreamParser<unknown>>): Load => async () => StreamLanguage.define(await load())

const javascript = (options: { typescript?: boolean, jsx?: boolean }): Load => async () => (await import('@codemirror/lang-javascript')).javascript(options)
const cpp: Load = async () => (await import('@codemirror/lang-cpp')).cpp()
const css: Load = async () => (await import('@codemirror/lang-css')).css()
const html: Load = async () => (await import('@codemirror/lang-html')).html()
const json: Load = async () => (await import('@codemirror/lang-json')).json()
const markdown: Load = async () => (await import('@codemirror/lang-markdown')).markdown()
const python: Load = async () => (await import('@codemirror/lang-python')).python()
const xml: Load = async () => (await import('@codemirror/lang-xml')).xml()
const yaml: Load = async () => (await import('@codemirror/lang-yaml')).yaml()
const clike = (name: 'csharp' | 'kotlin' | 'scala' | 'dart'): Load => legacy(async () => (await import('@codemirror/legacy-modes/mode/clike'))[name])
const perl = legacy(async () => (await import('@codemirror/legacy-modes/mode/perl')).perl)
const ruby = legacy(async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby)
const shell = legacy(async () => (await import('@codemirror/legacy-modes/mode/shell')).shell)
const toml = legacy(async () => (await import('@codemirror/legacy-modes/mode/toml')).toml)
const dockerfile = legacy(async () => (await import('@codemirror/legacy-modes/mode/dockerfile')).dockerFile)

const byExtension: Readonly<Record<string, Load>> = {
  js: javascript({ jsx: true }),
  mjs: javascript({}),
  cjs: javascript({}),
  jsx: javascript({ jsx: true }),
  ts: javascript({ typescript: true }),
  mts: javascript({ typescript: true }),
  cts: javascript({ typescript: true }),
  tsx: javascript({ typescript: true, jsx: true }),
  py: python,
  pyi: python,
  c: cpp,
  h: cpp,
  cc: cpp,
  cpp,
  hpp: cpp,
  cs: clike('csharp'),
  kt: clike('kotlin'),
  scala: clike('scala'),
  dart: clike('dart'),
  css,
  htm: html,
  html,
  svg: xml,
  xml,
  json,
  md: markdown,
  yaml,
  yml: yaml,
  toml,
  rs: async () => (await import('@codemirror/lang-rust')).rust(),
  go: async () => (await import('@codemirror/lang-go')).go(),
  java: async () => (await import('@codemirror/lang-java')).java(),
  php: async () => (await import('@codemirror/lang-php')).php(),
  sql: async () => (await import('@codemirror/lang-sql')).sql(),
  lua: legacy(async () => (await import('@codemirror/legacy-modes/mode/lua')).lua),
  hs: legacy(async () => (await import('@codemirror/legacy-modes/mode/haskell')).haskell),
  swift: legacy(async () => (await import('@codemirror/legacy-modes/mode/swift')).swift),
  r: legacy(async () => (await import('@codemirror/legacy-modes/mode/r')).r),
  pl: perl,
  pm: perl,
  rb: ruby,
  sh: shell,
  bash: shell
}

const byName: Readonly<Record<string, Load>> = {
  dockerfile,
  gemfile: ruby,
  rakefile: ruby,
  '.bashrc': shell,
  '.profile': shell
}

/** How to get what colours a file; undefined for one that nothing is known of. */
export function languageFor (fileName: string): Load | undefined {
  const name = fileName.toLowerCase()
  if (Object.hasOwn(byName, name)) return byName[name]
  const extension = name.slice(name.lastIndexOf('.') + 1)
  return name.includes('.') && Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined
}
