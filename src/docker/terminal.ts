/**
 * Detaching by keys cannot be switched off: empty means ctrl-p,ctrl-q, which holds back a typed Ctrl-P until the next
 * key and drops the stream on Ctrl-Q. Nobody types this sequence, and no usual key begins it.
 */
export const harmlessDetachKeys = 'ctrl-^,ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@'
