// Every sandbox has a uid of its own, which no file of an image can name: whoever asks for its name is "sandbox".
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define NAME "sandbox"
#define HOME "/workspace"
#define SHELL "/bin/bash"

// Copies into the caller's buffer, which is where glibc wants all strings.
static char *keep(char **at, size_t *left, const char *text)
{
  size_t length = strlen(text) + 1;
  if (length > *left)
    return NULL;
  char *copy = memcpy(*at, text, length);
  *at += length;
  *left -= length;
  return copy;
}

static enum nss_status finish(int is_whole, int *failure)
{
  if (is_whole)
    return NSS_STATUS_SUCCESS;
  // The caller comes again with a larger buffer.
  *failure = ERANGE;
  return NSS_STATUS_TRYAGAIN;
}

enum nss_status _nss_berth_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size, int *failure)
{
  // While an image is built this is root, who has an entry.
  if (uid == 0 || uid != getuid())
    return NSS_STATUS_NOTFOUND;
  *entry = (struct passwd){
    .pw_name = keep(&buffer, &size, NAME),
    .pw_passwd = keep(&buffer, &size, "x"),
    .pw_uid = uid,
    .pw_gid = getgid(),
    .pw_gecos = keep(&buffer, &size, ""),
    .pw_dir = keep(&buffer, &size, HOME),
    .pw_shell = keep(&buffer, &size, SHELL),
  };
  return finish(entry->pw_name && entry->pw_passwd && entry->pw_gecos && entry->pw_dir && entry->pw_shell, failure);
}

enum nss_status _nss_berth_getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size, int *failure)
{
  if (strcmp(name, NAME) != 0)
    return NSS_STATUS_NOTFOUND;
  return _nss_berth_getpwuid_r(getuid(), entry, buffer, size, failure);
}

enum nss_status _nss_berth_getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size, int *failure)
{
  if (gid == 0 || gid != getgid())
    return NSS_STATUS_NOTFOUND;
  // The list of members is empty; its end needs the alignment of a pointer.
  size_t gap = -(size_t)buffer % sizeof(char *);
  if (size < gap + sizeof(char *))
    return finish(0, failure);
  char **members = (char **)(void *)(buffer + gap);
  *members = NULL;
  buffer += gap + sizeof(char *);
  size -= gap + sizeof(char *);
  *entry = (struct group){
    .gr_name = keep(&buffer, &size, NAME),
    .gr_passwd = keep(&buffer, &size, "x"),
    .gr_gid = gid,
    .gr_mem = members,
  };
  return finish(entry->gr_name && entry->gr_passwd, failure);
}

enum nss_status _nss_berth_getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size, int *failure)
{
  if (strcmp(name, NAME) != 0)
    return NSS_STATUS_NOTFOUND;
  return _nss_berth_getgrgid_r(getgid(), entry, buffer, size, failure);
}
