/** On what outlives every sandbox: images and the agent's volume. */
export const imageLabels = {
  /** The name of the image's folder; what is built from it has the label too, until it gets its own. */
  image: 'berth.image',
  /** The hash of the agent that a volume holds. */
  agent: 'berth.agent',
  /** On a volume's setup container; never started, so a leftover of a crash is free to go. */
  agentFiller: 'berth.agent-filler'
} as const
