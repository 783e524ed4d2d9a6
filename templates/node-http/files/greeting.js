exports.greeting = (path) => `Hello from ${path}\n`
