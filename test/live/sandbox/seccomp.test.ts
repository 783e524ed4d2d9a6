import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBerth, type Berth } from '../support/berth.ts'

let berth: Berth
beforeAll(async () => { berth = await startBerth({ RUNTIMES: 'python' }) })
afterAll(async () => await berth.stop())

// Numbers of x86-64 and of arm64; the few below 424 that both have differ.
const BEGINNING = `
import ctypes, errno, os, platform, resource, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
numbers = dict(io_setup=206, io_submit=209, add_key=248, request_key=249, keyctl=250, modify_ldt=154, unshare=272, setns=308, mount=165, umount2=166,
  pivot_root=155, chroot=161, bpf=321, perf_event_open=298, userfaultfd=323, kcmp=312, open_by_handle_at=304, fanotify_init=300, acct=163, swapon=167,
  reboot=169, init_module=175, delete_module=176, kexec_load=246, quotactl=179, syslog=103, settimeofday=164, move_pages=279, mbind=237, prlimit64=302, setpriority=141,
  sched_setscheduler=144, sched_setaffinity=203, ioprio_set=251, personality=135, clone=56) if platform.machine() == "x86_64" else dict(
  io_setup=0, io_submit=2, add_key=217, request_key=218, keyctl=219, unshare=97, setns=268, mount=40, umount2=39, pivot_root=41, chroot=51, bpf=280,
  perf_event_open=241, userfaultfd=282, kcmp=272, open_by_handle_at=265, fanotify_init=262, acct=89, swapon=224, reboot=142, init_module=105, delete_module=106,
  kexec_load=104, quotactl=60, syslog=116, settimeofday=170, move_pages=239, mbind=235, prlimit64=261, setpriority=140, sched_setscheduler=119,
  sched_setaffinity=122, ioprio_set=30, personality=92, clone=220)
numbers.update(io_uring_setup=425, io_uring_enter=426, io_uring_register=427, open_tree=428, move_mount=429, fsopen=430, fsconfig=431, fspick=433, clone3=435,
  pidfd_getfd=438, process_madvise=440, mount_setattr=442, quotactl_fd=443, memfd_secret=447, brand_new=600)
def call(name, *args):
  result = libc.syscall(numbers[name], *[ctypes.c_uint64(a) if isinstance(a, int) else a for a in args])
  return "ok" if result >= 0 else errno.errorcode[ctypes.get_errno()]
`

async function program (code: string): Promise<string> {
  const result = await berth.execute({ language: 'python', code: BEGINNING + code })
  expect(result).toMatchObject({ status: 'completed', error: '' })
  return result.output.trim()
}

it('refuses what reaches for the machine, for other namespaces and for what the kernel does not divide', async () => {
  const refused = await program(`
names = [n for n in numbers if n not in ("clone", "clone3", "personality", "prlimit64", "setpriority", "sched_setscheduler", "sched_setaffinity", "ioprio_set", "brand_new")
  and not n.startswith("io_")]
print([n for n in names if call(n, 0, 0, 0, 0, 0, 0) != "EPERM"])`)
  expect(refused).toBe('[]')
})

it('has C libraries and runtimes fall back from what it does not offer', async () => {
  expect(await program('print([call(n, 0, 0, 0, 0, 0, 0) for n in ("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "io_submit", "brand_new")])'))
    .toBe(JSON.stringify(Array(7).fill('ENOSYS')).replaceAll('"', '\'').replaceAll(',', ', '))
})

it('lets programs have sockets of these families alone', async () => {
  const families = await program(`
def opens(*args):
  try: socket.socket(*args).close(); return True
  except OSError: return False
print([f for f in range(46) if any(opens(f, t, 0) for t in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET))])
print([p for p in range(32) if opens(socket.AF_NETLINK, socket.SOCK_RAW, p)])`)
  // Unix, IPv4, IPv6, netlink; and of netlink routes.
  expect(families).toBe('[1, 2, 10, 16]\n[0]')
})

it('lets nobody change the agent\'s limits, priority or processors, also not by a number that the kernel cuts to 1', async () => {
  const outcome = await program(`
limit = (ctypes.c_uint64 * 2)(0, 0)
mask = ctypes.c_uint64(1)
nice = ctypes.c_int(0)
for pid in (1, 2**32 + 1, 2**63 + 1):
  print([call("prlimit64", pid, resource.RLIMIT_CPU, limit, 0), call("prlimit64", pid, resource.RLIMIT_NOFILE, limit, 0), call("sched_setaffinity", pid, 8, ctypes.byref(mask)),
    call("sched_setscheduler", pid, 3, ctypes.byref(nice)), call("setpriority", 0, pid, 10), call("setpriority", 1, pid, 10), call("ioprio_set", 1, pid, 0x4007)])
print(call("setpriority", 2, 0, 10), call("setpriority", 2, os.getuid(), 10), call("ioprio_set", 3, 0, 0x4007))`)
  expect(outcome).toBe(`${Array(3).fill('[\'EPERM\', \'EPERM\', \'EPERM\', \'EPERM\', \'EPERM\', \'EPERM\', \'EPERM\']').join('\n')}\nEPERM EPERM EPERM`)
  expect(await program('print("next")')).toBe('next')
})

it('lets programs do as much to themselves, and debug their children', async () => {
  const outcome = await program(`
import threading
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.nice(1)
os.sched_setaffinity(0, os.sched_getaffinity(0))
thread = threading.Thread(target=lambda: os.sched_setaffinity(threading.get_native_id(), os.sched_getaffinity(0)))
thread.start(); thread.join()
child = os.fork()
if child == 0:
  libc.ptrace(0, 0, 0, 0); os.kill(os.getpid(), 19); os._exit(7)
print(os.WIFSTOPPED(os.waitpid(child, 0)[1]), libc.ptrace(7, child, 0, 0), os.WEXITSTATUS(os.waitpid(child, 0)[1]))
print(call("personality", 0x40000), call("personality", 0x0400000), call("clone", 0x10000000 | 17, 0, 0, 0, 0), call("clone", 0x20000000 | 17, 0, 0, 0, 0))`)
  expect(outcome).toBe('True 0 7\nok EPERM EPERM EPERM')
})

it('leaves a run without a network the machine itself, by its names', async () => {
  expect(await program('print(socket.gethostbyname("localhost"), socket.gethostbyname(socket.gethostname())[:4], sorted({i[4][0] for i in socket.getaddrinfo("localhost", 80)}))'))
    .toBe('127.0.0.1 127. [\'127.0.0.1\', \'::1\']')
})

it('knows en_US and C, both in UTF-8', async () => {
  expect(await program('import locale\nprint([locale.setlocale(locale.LC_ALL, name) for name in ("en_US.UTF-8", "C.UTF-8")])')).toBe('[\'en_US.UTF-8\', \'C.UTF-8\']')
})
