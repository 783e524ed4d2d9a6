/** The window's title: what a program in the terminal has set, else the project's name, whichever is known first. */
export function createTitle (show: (title: string) => void) {
  let project = 'Terminal'
  let program = ''
  const update = (): void => show(program === '' ? project : program)
  const ofProject = (name: string): void => {
    project = name
    update()
  }
  const ofProgram = (title: string): void => {
    program = title
    update()
  }
  return { ofProject, ofProgram }
}
