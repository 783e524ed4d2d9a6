import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadCatalogue, type Catalogue } from '../../../../src/sandbox/images/catalogue.ts'
import { growthOf } from '../../../support/regex-steps.ts'

let catalogue: Catalogue

beforeAll(async () => {
  catalogue = await loadCatalogue(join(import.meta.dirname, '../../../../sandbox-images'))
})

function isSyntaxError (language: string, stderr: string): boolean {
  return new RegExp(catalogue.find(language)!.errors!.syntax!, 'm').test(stderr)
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
  }],
  ['bash', true, {
    'in the main file': 'main.sh: line 2: syntax error near unexpected token `fi\'\nmain.sh: line 2: `fi fi\'\n',
    'in a sourced file': './b.sh: line 3: syntax error: unexpected end of file\n'
  }],
  ['bash', false, {
    'of eval': 'main.sh: eval: line 1: syntax error near unexpected token `)\'\nmain.sh: eval: line 1: `)\'\n',
    'a missing command': 'main.sh: line 1: nosuch: command not found\n'
  }],
  ['clojure', true, { 'in the main file': 'Syntax error reading source at (main.clj:2:1).\nEOF while reading, starting at line 1\n\n' }],
  ['clojure', false, { 'thrown by the program': 'Execution error (ArithmeticException) at user/eval1 (main.clj:1).\nDivide by zero\n\n' }],
  ['deno', true, { 'in a file': 'error: SyntaxError: Expression expected\n  |\n1 | let x = = 1\n  |         ~\n    at file:///workspace/b.ts:1:9\n' }],
  ['deno', false, { 'thrown by the program': 'error: Uncaught (in promise) Error: no\nthrow new Error("no")\n      ^\n    at file:///workspace/main.ts:1:7\n' }],
  ['elixir', true, {
    'in a file': '** (TokenMissingError) token missing on b.exs:2:15:\n    error: missing terminator: )\n    │\n  2 │   def a, do: (\n    │              └ unclosed delimiter\n' +
      '    │\n    └─ b.exs:2:15\n    (elixir 1.18.3) lib/code.ex:1525: Code.require_file/2\n    main.exs:1: (file)\n'
  }],
  ['elixir', false, {
    'of eval': '** (TokenMissingError) token missing on nofile:1:2:\n    error: missing terminator: )\n',
    'raised by the program': '** (RuntimeError) no\n    main.exs:1: (file)\n'
  }],
  ['lua', true, {
    'in the main file': 'lua: main.lua:1: unexpected symbol near \'=\'\n',
    'in a module': 'lua: error loading module \'b\' from file \'./b.lua\':\n\t./b.lua:1: unexpected symbol near \'=\'\nstack traceback:\n\t[C]: in ?\n' +
      '\t[C]: in function \'require\'\n\tmain.lua:1: in main chunk\n\t[C]: in ?\n'
  }],
  ['lua', false, { 'raised by the program': 'lua: main.lua:1: something near x\nstack traceback:\n\t[C]: in function \'error\'\n\tmain.lua:1: in main chunk\n\t[C]: in ?\n' }],
  ['perl', true, {
    'in the main file': 'syntax error at main.pl line 1, near "= ="\nExecution of main.pl aborted due to compilation errors.\n',
    'in a required file': 'syntax error at ./b.pl line 1, near "= ="\nExecution of ./b.pl aborted due to compilation errors.\nCompilation failed in require at main.pl line 1.\n'
  }],
  ['perl', false, { 'raised by the program': 'syntax error at main.pl line 1.\n' }],
  ['php', true, { 'in a file': '\nParse error: syntax error, unexpected token "=" in /workspace/b.php on line 1\n' }],
  ['php', false, {
    'of eval': '\nParse error: syntax error, unexpected token "=" in /workspace/main.php(1) : eval()\'d code on line 1\n',
    'thrown by the program': '\nFatal error: Uncaught Exception: no in /workspace/main.php:1\nStack trace:\n#0 {main}\n  thrown in /workspace/main.php on line 1\n'
  }],
  ['r', true, {
    'in the main file': 'Error: unexpected assignment in "x <- <-"\nExecution halted\n',
    'in a sourced file': 'Error in source("b.R") : b.R:1:6: unexpected assignment\n1: x <- <-\n         ^\nExecution halted\n'
  }],
  ['r', false, { 'raised by the program': 'Error: unexpected weather\nExecution halted\n' }],
  ['racket', true, {
    'in a file': 'b.rkt:2:0: read-syntax: expected a `)` to close `(`\n  context...:\n   /usr/share/racket/collects/syntax/module-reader.rkt:214:17: body\n'
  }],
  ['racket', false, { 'raised by the program': 'no\n  context...:\n   body of "/workspace/main.rkt"\n' }],
  ['ruby', true, {
    'in the main file': 'main.rb: main.rb:1: syntax error, unexpected \'=\' (SyntaxError)\nx = = 1\n    ^\n\n',
    'in a required file': 'main.rb:1:in `require_relative\': /workspace/b.rb:1: syntax error, unexpected \'=\' (SyntaxError)\nx = = 1\n    ^\n\n\tfrom main.rb:1:in `<main>\'\n'
  }],
  ['ruby', false, {
    'of eval': 'main.rb:1:in `eval\': (eval at main.rb:1):1: syntax error, unexpected \'=\' (SyntaxError)\nx = = 1\n    ^\n\tfrom main.rb:1:in `<main>\'\n',
    'raised by the program': 'main.rb:1:in `<main>\': no (RuntimeError)\n'
  }],
  ['sqlite', true, { 'in a file': 'Parse error near line 1: near "SELEC": syntax error\n  SELEC 1;\n  ^--- error here\n' }],
  ['sqlite', false, { 'a missing table': 'Parse error near line 1: no such table: nosuch\n' }]
])('%s: syntax error is %s', (language, expected, outputs) => {
  it.each(Object.entries(outputs))('%s', (_, stderr) => {
    expect(isSyntaxError(language, stderr)).toBe(expected)
  })
})

it.each([
  ['python', '  File "a", line 1\n'],
  ['python', `  File "${'a'.repeat(1000)}", line 1\n\n\n\n`],
  ['javascript', 'SyntaxError: \n    at a (node:internal/modules/\n'],
  ['bash', 'a: line 1: syntax error\n'],
  ['clojure', 'Syntax error compiling at (a).\n'],
  ['deno', 'error: SyntaxError: \n    at file:///a'],
  ['elixir', '** (SyntaxError) a on b:1:1:\n'],
  ['lua', 'lua: a:1: b near near near near c'],
  ['lua', 'lua: error loading module a:\n\tb near c\nstack traceback:\n\td\n'],
  ['perl', 'Execution of a aborted due to compilation errors.\nBEGIN failed '],
  ['php', 'Parse error:  a in /b on line 1'],
  ['r', 'Error: unexpected symbol\n'],
  ['elixir', `** (SyntaxError) a on b:1:1:\n${'  c\n'.repeat(30)}`],
  ['racket', 'a:1:1: read-syntax: b\n'],
  ['racket', `a:1:1: read-syntax: b\n${'  c\n'.repeat(50)}`],
  ['racket', '  a:1:1: read-syntax: b\n'],
  ['ruby', 'a: b:1: syntax error (SyntaxError)\n'],
  ['ruby', `a: b:1: syntax error (SyntaxError)\n${'c\n'.repeat(30)}`],
  ['ruby', 'b:1: syntax error '],
  ['sqlite', 'Error: near "": syntax error\n  '],
  ['bun', 'error: \n    at /:1:1\n'],
  ['bun', 'error: \n    at /:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1']
])('%s: a megabyte of hostile stderr (%j) is no syntax error, and takes no more than linear time', (language, piece) => {
  // What names an error is at the end.
  const end = '\nx'.repeat(100)
  expect(isSyntaxError(language, piece.repeat(2 ** 20 / piece.length) + end)).toBe(false)
  expect(growthOf(catalogue.find(language)!.errors!.syntax!, piece, { end })).toBeLessThan(2.1)
})
