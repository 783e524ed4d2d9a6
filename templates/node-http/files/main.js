const http = require('node:http')
const { greeting } = require('./greeting.js')

http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.end(greeting(request.url))
}).listen(3000, '0.0.0.0', () => console.log('http://localhost:3000'))
