/**
 * What programs may ask of the kernel. Not in here, and so refused: mounts and namespaces, kernel modules, clocks and
 * devices of the machine, keyrings (no namespace holds them), bpf, perf, fanotify, userfaultfd, memfd_secret,
 * modify_ldt, io_uring and AIO, whose contexts are counted for the whole machine.
 */
export const ALLOWED: readonly string[] = `
  access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
  fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync flock fstat fstatfs fsync ftruncate
  futimesat getcwd getdents getdents64 lchown link linkat lseek lstat mkdir mkdirat mknod mknodat
  name_to_handle_at newfstatat open openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead
  readlink readlinkat readv rename renameat renameat2 rmdir sendfile splice stat statfs statx symlink symlinkat sync
  sync_file_range syncfs tee truncate umask unlink unlinkat utime utimensat utimes vmsplice write writev cachestat

  fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat llistxattr
  lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat

  epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 inotify_add_watch
  inotify_init inotify_init1 inotify_rm_watch pipe pipe2 poll ppoll pselect6 select signalfd signalfd4 timerfd_create
  timerfd_gettime timerfd_settime

  brk madvise map_shadow_stack memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock
  munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages

  arch_prctl

  execve execveat exit exit_group fork vfork wait4 waitid capget capset getegid geteuid getgid getgroups getresgid
  getresuid getuid setfsgid setfsuid setgid setgroups setregid setresgid setresuid setreuid setuid getcpu getpgid
  getpgrp getpid getppid getpriority getrandom getrlimit getrusage getsid gettid ioprio_get prctl
  sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
  sched_rr_get_interval sched_yield setpgid setrlimit setsid sysinfo times uname process_vm_readv process_vm_writev
  ptrace landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp

  kill pause pidfd_open pidfd_send_signal restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
  rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sigaltstack tgkill tkill

  futex futex_requeue futex_wait futex_waitv futex_wake get_robust_list membarrier rseq set_robust_list
  set_tid_address

  alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer time timer_create
  timer_delete timer_getoverrun timer_gettime timer_settime

  accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg
  sendto setsockopt shutdown socketpair

  mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd semctl semget
  semop semtimedop shmat shmctl shmdt shmget
`.trim().split(/\s+/)

/** C libraries and runtimes take another way when the kernel seems not to know a call, and give up when it is refused. */
export const UNKNOWN: readonly string[] = `
  clone3 io_uring_enter io_uring_register io_uring_setup io_cancel io_destroy io_getevents io_pgetevents io_setup
  io_submit
`.trim().split(/\s+/)
