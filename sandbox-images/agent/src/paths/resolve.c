#include "paths/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/system.h"

#define PLACE (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
// As many as the kernel follows itself.
#define MOST_LINKS 40
// A rename anywhere on the host while a link leads upwards has the kernel give up; the next try succeeds.
#define MOST_TRIES 32

bool path_is_valid(const char *path)
{
  for (const char *name = path;;) {
    size_t length = strcspn(name, "/");
    if (length == 0 || length > NAME_MAX)
      return false;
    if (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')))
      return false;
    if (name[length] == 0)
      return true;
    name += length + 1;
  }
}

// How many bytes of the path are those of its directory; 0 is the root itself.
static size_t parent_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash == NULL ? 0 : (size_t)(slash - path);
}

// Closes a descriptor without losing errno.
static void close_quietly(int fd)
{
  int error = errno;
  close(fd);
  errno = error;
}

// The kernel's own resolution; ENOSYS and EPERM where it has none.
static int open_beneath(int root, const char *path, int flags)
{
  struct open_how how = {
    .flags = (uint64_t)(flags | O_CLOEXEC),
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
  };
  for (int tries = 1;; tries++) {
    int fd = open_how(root, path, &how);
    if (fd >= 0 || errno != EAGAIN || tries == MOST_TRIES)
      return fd;
  }
}

static bool has_no_openat2(int error)
{
  return error == ENOSYS || error == EPERM;
}

// The directory that the first `length` bytes of the path name, with links followed by the kernel.
static int open_way(int root, const char *path, size_t length)
{
  char way[PATH_MAX];
  memcpy(way, path, length);
  way[length] = 0;
  return open_beneath(root, way, O_PATH | O_DIRECTORY);
}

// Only the kernel follows links.
static int follow(int root, const char *path, size_t length)
{
  int fd = open_way(root, path, length);
  if (fd < 0 && has_no_openat2(errno))
    errno = ELOOP;
  return fd;
}

static int step(int at, const char *name, bool make)
{
  int next = openat(at, name, PLACE);
  if (next < 0 && errno == ENOENT && make && (mkdirat(at, name, 0755) == 0 || errno == EEXIST))
    next = openat(at, name, PLACE);
  return next;
}

// One name at a time, for what the kernel cannot do by itself: make what is missing, or know no openat2.
static int walk(int root, const char *path, size_t length, bool make)
{
  int at = openat(root, ".", PLACE);
  for (size_t offset = 0; at >= 0 && offset < length;) {
    char name[NAME_MAX + 1];
    size_t name_length = strcspn(path + offset, "/");
    memcpy(name, path + offset, name_length);
    name[name_length] = 0;
    int next = step(at, name, make);
    if (next < 0 && errno == ENOTDIR)
      next = follow(root, path, offset + name_length);
    close_quietly(at);
    at = next;
    offset += name_length + 1;
  }
  return at;
}

static int open_directory(int root, const char *path, size_t length, bool make)
{
  if (length == 0)
    return openat(root, ".", PLACE);
  int fd = open_way(root, path, length);
  if (fd >= 0 || !(has_no_openat2(errno) || (make && errno == ENOENT)))
    return fd;
  return walk(root, path, length, make);
}

static int take(int parent, const char *name, struct place *place)
{
  *place = (struct place){.parent = parent};
  memcpy(place->name, name, strlen(name) + 1);
  return parent < 0 ? errno : 0;
}

int resolve_place(int root, const char *path, bool make, struct place *place)
{
  *place = (struct place){.parent = -1};
  if (!path_is_valid(path))
    return EINVAL;
  size_t length = parent_length(path);
  return take(open_directory(root, path, length, make), path + length + (length > 0), place);
}

// Puts a link's target where its name was. What results may lead upwards, so only the kernel may resolve it.
static int lead_on(char way[PATH_MAX], const char *target, size_t length)
{
  if (target[0] == '/')
    return EXDEV;
  size_t kept = parent_length(way);
  kept += kept > 0;
  if (kept + length >= PATH_MAX)
    return ENAMETOOLONG;
  memcpy(way + kept, target, length);
  way[kept + length] = 0;
  const char *name = way + parent_length(way);
  name += *name == '/';
  if (*name == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return EISDIR;
  return strlen(name) > NAME_MAX ? ENAMETOOLONG : 0;
}

static int find_led(int root, const char *way, struct place *place)
{
  size_t length = parent_length(way);
  if (length == 0)
    return take(openat(root, ".", PLACE), way, place);
  return take(follow(root, way, length), way + length + 1, place);
}

int resolve_file(int root, const char *path, bool make, struct place *place)
{
  char way[PATH_MAX];
  int error = resolve_place(root, path, make, place);
  if (error == 0)
    memcpy(way, path, strlen(path) + 1);
  for (int links = 0; error == 0; links++) {
    char target[PATH_MAX];
    ssize_t length = readlinkat(place->parent, place->name, target, sizeof target);
    if (length < 0 && (errno == EINVAL || errno == ENOENT))
      return 0;
    error = length < 0 ? errno : links == MOST_LINKS ? ELOOP : lead_on(way, target, (size_t)length);
    place_close(place);
    if (error == 0)
      error = find_led(root, way, place);
  }
  return error;
}

int resolve_directory(int root, const char *path)
{
  if (*path != 0 && !path_is_valid(path)) {
    errno = EINVAL;
    return -1;
  }
  return open_directory(root, path, strlen(path), false);
}

int resolve_readable(int root, const char *path)
{
  int place = resolve_directory(root, path);
  int fd = place < 0 ? -1 : openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (place >= 0)
    close_quietly(place);
  return fd;
}

static bool is_link(int fd)
{
  struct stat file;
  return fstat(fd, &file) == 0 && S_ISLNK(file.st_mode);
}

// Opens the last part by itself, which follows no link there, O_PATH or not.
static int open_unfollowed(int root, const char *path, int flags)
{
  struct place place;
  int error = resolve_place(root, path, false, &place);
  int fd = -1;
  if (error == 0) {
    fd = openat(place.parent, place.name, flags | O_NOFOLLOW | O_CLOEXEC);
    error = fd < 0 ? errno : is_link(fd) ? ELOOP : 0;
    place_close(&place);
  }
  if (fd >= 0 && error != 0) {
    close(fd);
    fd = -1;
  }
  errno = error;
  return fd;
}

int resolve_open(int root, const char *path, int flags)
{
  if (!path_is_valid(path)) {
    errno = EINVAL;
    return -1;
  }
  int fd = open_beneath(root, path, flags);
  return fd < 0 && has_no_openat2(errno) ? open_unfollowed(root, path, flags) : fd;
}

void place_close(struct place *place)
{
  if (place->parent >= 0)
    close(place->parent);
  place->parent = -1;
}
