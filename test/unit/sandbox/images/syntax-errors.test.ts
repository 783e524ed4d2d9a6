import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadCatalogue, type Catalogue } from '../../../../src/sandbox/images/catalogue.ts'

let catalogue: Catalogue

beforeAll(async () => {
  catalogue = await loadCatalogue(join(import.meta.dirname, '../../../../sandbox-images'))
})

function isSyntaxError (language: string, stderr: string): boolean {
  return new RegExp(catalogue.find(language)!.errors!.syntax, 'm').test(stderr)
}

const nodeStack = (first: string) => `    at ${first}
    at Module._compile (node:internal/modules/cjs/loader:1903:20)
    at node:internal/main/run_main_module:33:47

Node.js v24.21.0
`

// What the interpreters of the images really print.
describe.each<[string, boolean, Record<string, string>]>([
  ['python', true, {
    'in the main file': '  File "/workspace/main.py", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n',
    'in an imported file': 'Traceback (most recent call last):\n  File "/workspace/main.py", line 1, in <module>\n    import bad\n' +
      '  File "/workspace/bad.py", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n',
    'of indentation': '  File "/workspace/main.py", line 2\n    print(1)\n    ^^^^^\n' +
      'IndentationError: expected an indented block after function definition on line 1\n',
    'of tabs': '  File "/workspace/main.py", line 3\n    y=2\nTabError: inconsistent use of tabs and spaces in indentation\n',
    'of encoding': 'SyntaxError: Non-UTF-8 code starting with \'\\xff\' in file /workspace/main.py on line 1, but no encoding declared; see https://peps.python.org/pep-0263/ for details\n'
  }],
  ['python', false, {
    'printed by the program': 'SyntaxError: nope\n',
    'of eval': 'Traceback (most recent call last):\n  File "/workspace/main.py", line 1, in <module>\n    eval("1 +")\n    ~~~~^^^^^^^\n' +
      '  File "<string>", line 1\n    1 +\nSyntaxError: invalid syntax\n',
    'of ast.parse': 'Traceback (most recent call last):\n  File "/usr/lib/python3.13/ast.py", line 50, in parse\n    return compile(source)\n' +
      '  File "<unknown>", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n',
    'raised by the program': 'Traceback (most recent call last):\n  File "/workspace/main.py", line 1, in <module>\n    raise SyntaxError("mine")\nSyntaxError: mine\n',
    'caught before another error': 'Traceback (most recent call last):\n  File "/workspace/main.py", line 2, in <module>\n    import bad\n' +
      '  File "/workspace/bad.py", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n\n' +
      'During handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n' +
      '  File "/workspace/main.py", line 4, in <module>\n    1/0\n    ~^~\nZeroDivisionError: division by zero\n'
  }],
  ['javascript', true, {
    'in a CommonJS file': '/workspace/main.js:1\nlet x = = 1\n        ^\n\nSyntaxError: Unexpected token \'=\'\n' +
      nodeStack('wrapSafe (node:internal/modules/cjs/loader:1861:18)'),
    'in a module': 'file:///workspace/bad.mjs:1\nexport const y = ;\n                 ^\n\nSyntaxError: Unexpected token \';\'\n' +
      nodeStack('compileSourceTextModule (node:internal/modules/esm/utils:319:16)'),
    'of an import that is not exported': 'file:///workspace/main.mjs:1\nimport {nope} from "./ok.mjs"\n        ^^^^\n' +
      'SyntaxError: The requested module \'./ok.mjs\' does not provide an export named \'nope\'\n' +
      nodeStack('#asyncInstantiate (node:internal/modules/esm/module_job:455:21)'),
    'in TypeScript': 'file:///workspace/main.ts:1\nlet z: number = = 1\n                ^\n\n' +
      'SyntaxError [ERR_INVALID_TYPESCRIPT_SYNTAX]: Expression expected\n    at parseTypeScript (node:internal/modules/typescript:72:36)\n' +
      '    at node:internal/main/run_main_module:33:47 {\n  code: \'ERR_INVALID_TYPESCRIPT_SYNTAX\'\n}\n\nNode.js v24.21.0\n'
  }],
  ['javascript', false, {
    'printed by the program': 'SyntaxError: nope\n',
    'of JSON.parse': '<anonymous_script>:1\n{\n\nSyntaxError: Expected property name or \'}\' in JSON at position 1 (line 1 column 2)\n' +
      nodeStack('JSON.parse (<anonymous>)'),
    'of eval': '<anonymous_script>:1\n1 +\n   \n\nSyntaxError: Unexpected end of input\n' + nodeStack('Object.<anonymous> (/workspace/main.js:1:1)'),
    'of a regular expression': '/workspace/main.js:1\nnew RegExp("(")\n^\n\nSyntaxError: Invalid regular expression: /(/: Unterminated group\n' +
      nodeStack('new RegExp (<anonymous>)'),
    'thrown by the program': '/workspace/main.js:1\nthrow new SyntaxError("mine")\n^\n\nSyntaxError: mine\n' +
      nodeStack('Object.<anonymous> (/workspace/main.js:1:7)'),
    'of another name': '/workspace/main.js:1\nnope\n^\n\nReferenceError: nope is not defined\n' + nodeStack('Object.<anonymous> (/workspace/main.js:1:1)')
  }],
  ['bun', true, {
    'in a file': '1 | let x = = 1\n            ^\nerror: Unexpected =\n    at /workspace/main.js:1:9\n\nBun v1.4.5 (Linux x64)\n',
    'with a note': '1 | const a = 1; const a = 2\n                       ^\nerror: "a" has already been declared\n    at /workspace/main.js:1:20\n\n' +
      '1 | const a = 1; const a = 2\n          ^\nnote: "a" was originally declared here\n   at /workspace/main.js:1:7\n\nBun v1.4.5 (Linux x64)\n',
    'of an import that is not exported': 'SyntaxError: Export named \'nope\' not found in module \'/workspace/ok.mjs\'.\n\nBun v1.4.5 (Linux x64)\n'
  }],
  ['bun', false, {
    'printed by the program': 'SyntaxError: nope\n',
    'of JSON.parse': '1 | JSON.parse("{")\n         ^\nSyntaxError: JSON Parse error: Expected \'}\'\n      at /workspace/json.js:1:6\n\nBun v1.4.5 (Linux x64)\n',
    'of eval': '1 | eval("1 +")\n    ^\nSyntaxError: Unexpected end of script\n      at /workspace/ev.js:1:1\n\nBun v1.4.5 (Linux x64)\n',
    'thrown by the program': '1 | throw new Error("a")\n              ^\nerror: a\n      at /workspace/main.js:1:11\n\nBun v1.4.5 (Linux x64)\n'
  }]
])('%s: syntax error is %s', (language, expected, outputs) => {
  it.each(Object.entries(outputs))('%s', (_, stderr) => {
    expect(isSyntaxError(language, stderr)).toBe(expected)
  })
})

it.each([
  ['python', '  File "a", line 1\n'],
  ['python', `  File "${'a'.repeat(1000)}", line 1\n\n\n\n`],
  ['javascript', 'SyntaxError: \n    at a (node:internal/modules/\n'],
  ['bun', 'error: \n    at /:1:1\n'],
  ['bun', 'error: \n    at /:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1']
])('%s: a megabyte of hostile stderr (%j) takes no more than linear time', (language, piece) => {
  const begun = performance.now()
  expect(isSyntaxError(language, piece.repeat(2 ** 20 / piece.length))).toBe(false)
  expect(performance.now() - begun).toBeLessThan(2_000)
})
