import type { Message } from '../plugins/mail.ts'

type Text = Omit<Message, 'to'>

/** For whoever has forgotten the password. */
export function resetMail ({ url, link }: { url: string, link: string }): Text {
  return {
    subject: 'A new password for Berth',
    text: `Somebody, most likely you, asks for a new password for your account at ${url}

This link sets one, once and within an hour:

${link}

All your browsers are signed out then. If this is the first time that your address is shown to be yours, your keys end, too.
If it was not you, do nothing: your password stays as it is.
`
  }
}

/** For whoever asks for a new password and has none. */
export function providerMail ({ url, provider }: { url: string, provider: string }): Text {
  return {
    subject: 'How to sign in to Berth',
    text: `Somebody, most likely you, asks for a new password for your account at ${url}

It has none: sign in with ${provider} there.
`
  }
}

export function invitationMail ({ url, link }: { url: string, link: string }): Text {
  return {
    subject: 'An invitation to Berth',
    text: `You are invited to ${url}

This link makes your account, once and within two weeks:

${link}
`
  }
}
