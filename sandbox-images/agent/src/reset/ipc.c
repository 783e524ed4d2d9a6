#include "reset/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "paths/removal.h"
#include "run/queues.h"

#define MQUEUE_MAGIC 0x19800202

struct kind {
  const char *list;
  int (*remove)(int id);
};

static int remove_segment(int id)
{
  return shmctl(id, IPC_RMID, NULL);
}

static int remove_queue(int id)
{
  return msgctl(id, IPC_RMID, NULL);
}

static int remove_semaphores(int id)
{
  return semctl(id, 0, IPC_RMID);
}

// Calls `remove` for each line after the heading; false when the list cannot be read or something cannot be removed.
static bool remove_listed(const struct kind *kind, uint32_t *count)
{
  FILE *list = fopen(kind->list, "re");
  if (list == NULL)
    return false;
  char line[512];
  bool good = fgets(line, sizeof line, list) != NULL;
  int id;
  while (good && fgets(line, sizeof line, list) != NULL) {
    good = sscanf(line, "%*d %d", &id) == 1 && kind->remove(id) == 0;
    ++*count;
  }
  int error = errno;
  fclose(list);
  errno = error;
  return good;
}

static bool clear_kind(const struct kind *kind, uint32_t *removed)
{
  uint32_t found;
  // Lines move up while others go: until a whole list has none.
  do {
    found = 0;
    if (!remove_listed(kind, &found))
      return false;
    *removed += found;
  } while (found > 0);
  return true;
}

// gVisor has no list of its objects, and counts them. Few programs make any: then the sandbox is thrown away.
static bool has_no_objects(void)
{
  struct shm_info segments;
  struct seminfo semaphores;
  struct msginfo queues;
  errno = ENOTEMPTY;
  return shmctl(0, SHM_INFO, (struct shmid_ds *)&segments) >= 0 && segments.used_ids == 0 &&
         semctl(0, 0, SEM_INFO, &semaphores) >= 0 && semaphores.semusz == 0 &&
         msgctl(0, MSG_INFO, (struct msqid_ds *)&queues) >= 0 && queues.msgpool == 0;
}

static bool clear_message_queues(uint32_t *removed)
{
  struct statfs kind;
  int fd = open(QUEUES_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // Then programs could make none (spawn.c).
  if (fd < 0)
    return errno == ENOENT;
  // Without this mount queues would still work, but could not be listed.
  errno = ENODEV;
  bool good = fstatfs(fd, &kind) == 0 && kind.f_type == MQUEUE_MAGIC && directory_empty(fd, removed) &&
              directory_is_empty(fd);
  int error = errno;
  close(fd);
  errno = error;
  return good;
}

bool ipc_clear(uint32_t *removed)
{
  static const struct kind kinds[] = {
    {"/proc/sysvipc/shm", remove_segment},
    {"/proc/sysvipc/msg", remove_queue},
    {"/proc/sysvipc/sem", remove_semaphores},
  };
  if (access("/proc/sysvipc", F_OK) < 0)
    return has_no_objects() && clear_message_queues(removed);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (!clear_kind(&kinds[i], removed))
      return false;
  }
  return clear_message_queues(removed);
}
