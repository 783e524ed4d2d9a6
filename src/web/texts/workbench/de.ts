import type { WorkbenchTexts } from './en.ts'

export const de: WorkbenchTexts = {
  panes: { files: 'Dateien', code: 'Editor', panel: 'Terminals', preview: 'Vorschau', bar: 'Bereiche' },
  lines: { side: 'Breite der Dateien', panel: 'Höhe der Terminals', preview: 'Breite der Vorschau' },
  commands: {
    save: 'Datei speichern', side: 'Dateien zeigen oder verbergen', panel: 'Terminals zeigen oder verbergen', preview: 'Vorschau zeigen oder verbergen',
    run: 'Ausführen', findFile: 'Datei am Namen öffnen', findText: 'In allen Dateien suchen',
    newFile: 'Neue Datei', newFolder: 'Neuer Ordner', newTerminal: 'Neues Terminal', closeFile: 'Datei schließen', nextPane: 'Zum nächsten Bereich', downloadAll: 'Alle Dateien herunterladen', snapshots: 'Schnappschüsse', hidden: 'Versteckte Dateien zeigen oder verbergen'
  },
  header: {
    run: 'Ausführen', start: 'Starten', stop: 'Anhalten', more: 'Mehr', files: 'Dateien', terminals: 'Terminals', preview: 'Vorschau', share: 'Teilen',
    copyPage: 'Link zu dieser Stelle kopieren', copyPreview: 'Link zur Vorschau kopieren', makePublic: 'Allen die Vorschau zeigen', makePrivate: 'Nur Mitgliedern die Vorschau zeigen',
    copied: 'Der Link ist kopiert.', nowPublic: 'Wer ihren Link hat, sieht die Vorschau jetzt.', nowPrivate: 'Nur Mitglieder des Projekts sehen die Vorschau jetzt.',
    settings: 'Einstellungen des Projekts', viewOnly: 'Du darfst nur hineinsehen'
  },
  connection: {
    connecting: 'Verbindet…', connected: 'Verbunden', again: 'Verbindet wieder…', lost: 'Verbindung verloren', refused: 'Nicht verbunden', ended: 'Nicht verbunden',
    in: (reason, seconds) => `${reason}. Nächster Versuch in ${seconds} s`,
    tryAgain: 'Noch einmal versuchen', projects: 'Projekte'
  },
  stops: (minutes) => `hält in ${minutes} min an`,
  keepRunning: 'Weiterlaufen lassen',
  project: 'Das Projekt',
  tree: {
    label: 'Dateien', tools: 'Dateien ändern', newFile: 'Neue Datei', newFolder: 'Neuer Ordner', upload: 'Hochladen', uploadFolder: 'Einen Ordner hochladen', rename: 'Umbenennen', delete: 'Löschen', hidden: 'Versteckte Dateien',
    more: 'Mehr zu Dateien',
    empty: 'Noch keine Dateien.',
    truncated: 'Ein Verzeichnis hat mehr Einträge, als hier stehen.',
    unsaved: (name) => `${name}, nicht gespeichert`,
    path: 'Pfad im Projekt',
    create: 'Anlegen',
    renameOf: (name) => `„${name}“ umbenennen oder verschieben`,
    deleteOf: (name) => `„${name}“ löschen?`,
    deleteFolder: 'Der Ordner und alles darin sind dann endgültig fort.',
    deleteFile: 'Sie ist dann endgültig fort.',
    exists: (name) => `„${name}“ gibt es schon.`,
    uploading: (index, count, name, percent) => `Lädt ${index} von ${count} hoch: ${name}, ${percent} %`,
    stopUpload: 'Hochladen abbrechen',
    replaceOf: (name) => `„${name}“ ersetzen?`,
    replaceText: 'Eine Datei mit diesem Namen ist schon da.',
    replace: 'Ersetzen',
    badName: (name) => `„${name}“ ist kein Name, den eine URL tragen kann.`,
    notSent: (name) => `„${name}“ konnte nicht hochgeladen werden: Die Verbindung ist abgerissen, oder die Datei ist nicht lesbar.`
  },
  finder: {
    name: 'Name einer Datei', text: 'Text in irgendeiner Datei', looking: 'Wird gesucht…', none: 'Nichts gefunden.', hint: 'Ein kleiner Buchstabe steht auch für den großen.',
    more: (count: number) => `Dies sind die ersten ${count}.`
  },
  editor: {
    tabs: 'Offene Dateien', textOf: (name) => `Text von ${name}`, hint: 'Wähle eine Datei, um sie hier zu bearbeiten.', save: 'Speichern', download: 'Herunterladen', downloadInstead: 'Lade sie stattdessen herunter.',
    states: { unchanged: 'Gespeichert', modified: 'Nicht gespeichert', saving: 'Speichert…', waiting: 'Nicht gespeichert: wartet auf die Verbindung', conflict: 'Nicht gespeichert', gone: 'Nicht auf der Platte' },
    gone: 'Diese Datei ist nicht mehr auf der Platte. Speichern legt sie wieder an.',
    conflict: 'Diese Datei wurde auf der Platte geändert, und du hast sie hier geändert.',
    takeTheirs: 'Deren nehmen', keepMine: 'Meine behalten', compare: 'Vergleichen',
    closeOf: (name) => `„${name}“ schließen, ohne zu speichern?`, closeText: 'Was du darin geändert hast, ist dann fort.', close: 'Ohne Speichern schließen',
    restored: (name) => `Nicht gespeicherter Text von „${name}“ ist wieder da.`,
    position: (line, column) => `Z. ${line}, Sp. ${column}`,
    selected: (count) => `${count} ausgewählt`
  },
  terminal: {
    tabs: 'Terminals', new: 'Neues Terminal', end: 'Dieses Terminal beenden', endOf: (name) => `„${name}“ beenden?`, endText: 'Was darin läuft, endet auch.', name: (number) => `Terminal ${number}`,
    rename: 'Umbenennen', renameTitle: 'Name des Terminals', nameField: 'Name', none: 'Kein Terminal ist offen.', more: 'Mehr zum Terminal', tools: 'Terminal',
    find: 'Suchen', findLabel: 'Im Terminal suchen', findText: 'Gesuchter Text', previous: 'Voriger Treffer', next: 'Nächster Treffer', closeSearch: 'Suche schließen',
    noMatch: 'Keiner', match: (index, count) => `${index} von ${count}`,
    speak: 'Screenreader', copies: 'Strg+C kopiert, was ausgewählt ist',
    label: 'Terminal. F6 verlässt es, Strg+Umschalt+F sucht darin.',
    ended: 'Die Shell wurde beendet', endedWith: (code) => `Die Shell endete mit Code ${code}`, newShell: 'Neue Shell',
    programEnded: 'Das Programm wurde beendet', programEndedWith: (code) => `Das Programm endete mit Code ${code}`, runAgain: 'Noch einmal ausführen',
    lost: (bytes) => `${bytes.toLocaleString('de')} Bytes Ausgabe gingen hier verloren`,
    otherSize: (cols, rows) => `${cols} × ${rows}, wie ein anderes Fenster es hat`, fit: 'An dieses Fenster anpassen',
    keys: 'Tasten', closePanel: 'Terminals verbergen'
  },
  preview: {
    title: 'Vorschau', port: 'Port', path: 'Pfad', reload: 'Neu laden', openTab: 'In einem Tab öffnen', close: 'Vorschau verbergen', none: 'Die Vorschau zeigt, was das Projekt auf einem Port anbietet. Starte das Projekt, um es zu sehen.',
    frame: (port) => `Was Port ${port} anbietet`
  },
  snapshots: {
    title: 'Schnappschüsse', name: 'Name', take: 'Schnappschuss machen', taking: 'Macht einen Schnappschuss…', restoring: 'Stellt wieder her…', deleting: 'Löscht…', loading: 'Lädt…',
    none: 'Noch keine. Ein Schnappschuss hält alle Dateien fest, wie sie jetzt sind.',
    automatic: 'Automatisch gemacht', unnamed: 'Ohne Namen',
    files: (count) => count === 1 ? '1 Datei' : `${count} Dateien`,
    restore: 'Wiederherstellen', restoreOf: (name) => `${name} wiederherstellen`, delete: 'Löschen', deleteOf: (name) => `${name} löschen`,
    restoreTitle: (name) => `Zu „${name}“ zurückgehen?`, restoreText: 'Alle Dateien werden die des Schnappschusses. Was jetzt da ist, wird vorher in einem eigenen festgehalten.',
    deleteTitle: (name) => `„${name}“ löschen?`, deleteText: 'Der Schnappschuss ist dann endgültig fort.'
  }
}
