'use strict'
// Required before every program. Node.js writes to a pipe without blocking, and what the pipe does not take at once would
// be lost by process.exit(). Nothing is done before a program uses the stream.
for (const name of ['stdout', 'stderr']) {
  const property = Object.getOwnPropertyDescriptor(process, name)
  Object.defineProperty(process, name, {
    ...property,
    get () {
      Object.defineProperty(process, name, property)
      const stream = process[name]
      stream._handle?.setBlocking?.(true)
      return stream
    }
  })
}
