import { createInterface } from 'node:readline'
import { greet, type Greeting } from './greeting'

let count = 0
createInterface({ input: process.stdin })
  .on('line', (name: string) => {
    const greeting: Greeting = greet(name)
    console.log(greeting.text)
    count++
  })
  .on('close', () => console.log(`${count} names`))
