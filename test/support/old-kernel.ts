const FILTER = `
import ctypes, os, struct, sys
answer = lambda number, error: struct.pack('HBBI', 0x15, 0, 1, number) + struct.pack('HBBI', 6, 0, 0, 0x50000 | error)
code = struct.pack('HBBI', 0x20, 0, 0, 0) + answer(437, 38) + answer(436, 1) + struct.pack('HBBI', 6, 0, 0, 0x7fff0000)
program = ctypes.create_string_buffer(code, len(code))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(code) // 8, ctypes.addressof(program))), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])`

/** Starts an agent as under an old kernel or seccomp profile: openat2 is unknown, close_range is refused. */
export const onOldKernel = ['/usr/bin/python3', '-c', FILTER]
