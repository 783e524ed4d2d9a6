const PATHS = {
  file: 'M4 1.5h5.5L13 5v9.5H4zM9.5 1.5V5H13',
  'new-file': 'M3 1.5h5.5L12 5v3M8.5 1.5V5H12M3 1.5v13h4M11.5 10v5M9 12.5h5',
  'new-folder': 'M1.5 13V3h4l1.5 2h6.5v3M1.5 13H7M11.5 10v5M9 12.5h5',
  upload: 'M8 10.5v-8M4.5 5.5 8 2l3.5 3.5M2 10v4h12v-4',
  rename: 'M2 14l.8-3.2L10.5 3 13 5.5l-7.8 7.7zM9 4.5 11.5 7',
  delete: 'M2.5 4.5h11M6 4.5V2.5h4v2M4 4.5l.8 9.5h6.4l.8-9.5M6.7 7v4.5M9.3 7v4.5',
  hidden: 'M1 8s2.5-4.5 7-4.5S15 8 15 8s-2.5 4.5-7 4.5S1 8 1 8zM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  files: 'M5.5 1.5H10L13.5 5v7h-8zM10 1.5V5h3.5M5.5 4.5h-3v10h8V12',
  terminal: 'M1.5 2.5h13v11h-13zM4 6l2.5 2L4 10M8 10.5h4',
  preview: 'M1.5 2.5h13v11h-13zM1.5 5.5h13M3.5 4h.01M5.5 4h.01',
  find: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14',
  add: 'M8 2.5v11M2.5 8h11',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  reload: 'M13.5 8A5.5 5.5 0 1 1 11.6 3.8M12 1.5v3H9',
  external: 'M9 2.5h4.5V7M13.5 2.5 8 8M6.5 3.5h-4v10h10v-4',
  share: 'M6 8.5a2.5 2.5 0 0 0 3.6 0l3-3A2.5 2.5 0 0 0 9 2L7.5 3.4M10 7.5a2.5 2.5 0 0 0-3.6 0l-3 3A2.5 2.5 0 0 0 7 14l1.5-1.4'
} as const

/** A picture on a button, which has its name elsewhere. */
export function Icon ({ name }: { readonly name: keyof typeof PATHS }) {
  return <svg class="picture" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d={PATHS[name]} /></svg>
}
