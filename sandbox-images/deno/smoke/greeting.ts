export const greet = (name: string): string => `Grüße, ${name}`
