#include "processes/listener.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "berth-init"
#define BACKLOG 16
#define EXIT_BROKEN 70

static socklen_t address_of(struct sockaddr_un *address)
{
  // Without a place in the file system: the first byte of its name is 0.
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(address->sun_path + 1, NAME, strlen(NAME));
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(NAME));
}

int listener_open(void)
{
  struct sockaddr_un address;
  socklen_t length = address_of(&address);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0 && (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, BACKLOG) < 0)) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

// Whatever else may be read as it likes could hold up PID 1.
static bool is_stream(int fd)
{
  struct stat stat;
  return fstat(fd, &stat) == 0 && (S_ISFIFO(stat.st_mode) || S_ISSOCK(stat.st_mode));
}

int listener_take(int client, int ends[2])
{
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(2 * sizeof(int))];
  } control;
  char byte;
  struct iovec vector = {&byte, 1};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t got = recvmsg(client, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0)
    return errno;
  const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header == NULL || header->cmsg_type != SCM_RIGHTS)
    return EPROTO;
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  int received[2] = {-1, -1};
  memcpy(received, CMSG_DATA(header), (count < 2 ? count : 2) * sizeof(int));
  if (count == 2 && is_stream(received[0]) && is_stream(received[1])) {
    memcpy(ends, received, sizeof received);
    return 0;
  }
  for (size_t i = 0; i < 2; i++) {
    if (received[i] >= 0)
      close(received[i]);
  }
  return EPROTO;
}

static int hand_over(int fd)
{
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(2 * sizeof(int))];
  } control = {0};
  const int ends[2] = {STDIN_FILENO, STDOUT_FILENO};
  char byte = 0;
  struct iovec vector = {&byte, 1};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof ends), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(header), ends, sizeof ends);
  return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? errno : 0;
}

int connect_to_init(void)
{
  struct sockaddr_un address;
  socklen_t length = address_of(&address);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, length) < 0 || hand_over(fd) != 0) {
    fprintf(stderr, "agent: PID 1 cannot be reached: %s\n", strerror(errno));
    return EXIT_BROKEN;
  }
  // PID 1 has them now: the end of the stream is to be seen when it closes them.
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  // A stop of the sandbox need not wait for it.
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  char byte;
  while (read(fd, &byte, 1) < 0 && errno == EINTR) {
  }
  return 0;
}
