/** All that the workbench says, apart from what every page says. A translation is another file of this shape. */
export const en = {
  panes: { files: 'Files', code: 'Editor', panel: 'Terminals', preview: 'Preview', bar: 'Panes' },
  lines: { side: 'Width of the files', panel: 'Height of the terminals', preview: 'Width of the preview' },
  commands: {
    save: 'Save the file', side: 'Show or hide the files', panel: 'Show or hide the terminals', preview: 'Show or hide the preview',
    run: 'Run', findFile: 'Open a file by its name', findText: 'Search in all files',
    newFile: 'New file', newFolder: 'New folder', newTerminal: 'New terminal', closeFile: 'Close the file', nextPane: 'Go to the next pane', downloadAll: 'Download all files', snapshots: 'Snapshots', hidden: 'Show or hide hidden files'
  },
  header: {
    run: 'Run', start: 'Start', stop: 'Stop', more: 'More', files: 'Files', terminals: 'Terminals', preview: 'Preview', share: 'Share',
    copyPage: 'Copy the link to this place', copyPreview: 'Copy the link to the preview', makePublic: 'Let everybody see the preview', makePrivate: 'Only members see the preview',
    copied: 'The link is copied.', nowPublic: 'Whoever has its link sees the preview now.', nowPrivate: 'Only members of the project see the preview now.',
    settings: 'Settings of the project', viewOnly: 'You may look only'
  },
  connection: {
    connecting: 'Connecting…', connected: 'Connected', again: 'Reconnecting…', lost: 'Connection lost', refused: 'Not connected', ended: 'Not connected',
    in: (reason: string, seconds: number) => `${reason}. Next attempt in ${seconds} s`,
    tryAgain: 'Try again', projects: 'Projects'
  },
  stops: (minutes: number) => `stops in ${minutes} min`,
  keepRunning: 'Keep running',
  project: 'The project',
  tree: {
    label: 'Files', tools: 'Change files', newFile: 'New file', newFolder: 'New folder', upload: 'Upload', uploadFolder: 'Upload a folder', rename: 'Rename', delete: 'Delete', hidden: 'Hidden files',
    more: 'More about files',
    empty: 'No files yet.',
    truncated: 'A directory has more entries than are shown here.',
    unsaved: (name: string) => `${name}, unsaved`,
    path: 'Path in the project',
    create: 'Create',
    renameOf: (name: string) => `Rename or move “${name}”`,
    deleteOf: (name: string) => `Delete “${name}”?`,
    deleteFolder: 'The folder and all that is in it go for good.',
    deleteFile: 'It goes for good.',
    exists: (name: string) => `There is a “${name}” already.`,
    uploading: (index: number, count: number, name: string, percent: number) => `Uploading ${index} of ${count}: ${name}, ${percent} %`,
    stopUpload: 'Stop the upload',
    replaceOf: (name: string) => `Replace “${name}”?`,
    replaceText: 'A file of this name is there already.',
    replace: 'Replace',
    badName: (name: string) => `“${name}” is no name that a URL can carry.`,
    notSent: (name: string) => `“${name}” could not be uploaded: the connection was lost, or the file cannot be read.`
  },
  finder: {
    name: 'Name of a file', text: 'Text in any file', looking: 'Looking…', none: 'Nothing found.', hint: 'A small letter stands for the capital too.',
    more: (count: number) => `These are the first ${count}.`
  },
  editor: {
    tabs: 'Open files', textOf: (name: string) => `Text of ${name}`, hint: 'Choose a file to edit it here.', save: 'Save', download: 'Download', downloadInstead: 'Download it instead.',
    states: { unchanged: 'Saved', modified: 'Unsaved changes', saving: 'Saving…', waiting: 'Unsaved: waiting for the connection', conflict: 'Unsaved changes', gone: 'Not on the disk' },
    gone: 'This file is no longer on the disk. Saving makes it again.',
    conflict: 'This file was changed on the disk, and you have changed it here.',
    takeTheirs: 'Take theirs', keepMine: 'Keep mine', compare: 'Compare',
    closeOf: (name: string) => `Close “${name}” without saving?`, closeText: 'What you have changed in it is lost.', close: 'Close without saving',
    restored: (name: string) => `Text of “${name}” that was not saved is back.`,
    position: (line: number, column: number) => `Ln ${line}, Col ${column}`,
    selected: (count: number) => `${count} selected`
  },
  terminal: {
    tabs: 'Terminals', new: 'New terminal', end: 'End this terminal', endOf: (name: string) => `End “${name}”?`, endText: 'What runs in it ends too.', name: (number: number) => `Terminal ${number}`,
    rename: 'Rename', renameTitle: 'Name of the terminal', nameField: 'Name', none: 'No terminal is open.', more: 'More about the terminal', tools: 'Terminal',
    find: 'Find', findLabel: 'Find in the terminal', findText: 'Text to find', previous: 'Previous match', next: 'Next match', closeSearch: 'Close the search',
    noMatch: 'None', match: (index: number, count: number) => `${index} of ${count}`,
    speak: 'Screen reader', copies: 'Ctrl+C copies what is selected',
    label: 'Terminal. F6 leaves it, Ctrl+Shift+F finds in it.',
    ended: 'The shell was ended', endedWith: (code: number) => `The shell ended with code ${code}`, newShell: 'New shell',
    programEnded: 'The program was ended', programEndedWith: (code: number) => `The program ended with code ${code}`, runAgain: 'Run again',
    lost: (bytes: number) => `${bytes.toLocaleString('en')} bytes of output were lost here`,
    otherSize: (cols: number, rows: number) => `${cols} × ${rows}, as another window has it`, fit: 'Fit this window',
    keys: 'Keys', closePanel: 'Hide the terminals'
  },
  preview: {
    title: 'Preview', port: 'Port', path: 'Path', reload: 'Load again', openTab: 'Open in a tab', close: 'Hide the preview', none: 'The preview shows what the project serves on a port. Start the project to see it.',
    frame: (port: number) => `What port ${port} serves`
  },
  snapshots: {
    title: 'Snapshots', name: 'Name', take: 'Take a snapshot', taking: 'Taking a snapshot…', restoring: 'Restoring…', deleting: 'Deleting…', loading: 'Loading…',
    none: 'None yet. A snapshot keeps all files as they are now.',
    automatic: 'Taken automatically', unnamed: 'Without a name',
    files: (count: number) => count === 1 ? '1 file' : `${count} files`,
    restore: 'Restore', restoreOf: (name: string) => `Restore ${name}`, delete: 'Delete', deleteOf: (name: string) => `Delete ${name}`,
    restoreTitle: (name: string) => `Go back to “${name}”?`, restoreText: 'All files become those of the snapshot. What is there now is kept in a snapshot of its own first.',
    deleteTitle: (name: string) => `Delete “${name}”?`, deleteText: 'The snapshot goes for good.'
  }
}

export type WorkbenchTexts = typeof en
