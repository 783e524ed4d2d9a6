import express from 'express'

const app = express()

app.get('/', (request, response) => {
  response.send('<h1>It works</h1>')
})

app.listen(3000, '0.0.0.0', () => console.log('http://localhost:3000'))
