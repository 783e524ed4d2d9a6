#include "files/written_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

#include "paths/regular.h"

#define DEFAULT_MODE 0644

// Checks what is to be replaced.
static int check_target(const struct written_file *written, struct stat *file, bool *is_there)
{
  *is_there = fstatat(written->place.parent, written->place.name, file, AT_SYMLINK_NOFOLLOW) == 0;
  if (!*is_there && errno != ENOENT)
    return errno;
  if (!write_request_accepts(&written->request, *is_there ? file : NULL))
    return ESTALE;
  int error = *is_there ? regular_check(file->st_mode) : 0;
  if (error != 0 || !*is_there)
    return error;
  // The directory would let it be replaced, but its owner has forbidden that it changes.
  return file->st_mode & S_IWUSR ? 0 : EACCES;
}

int written_file_begin(struct written_file *written, int root)
{
  struct write_request *request = &written->request;
  int error = resolve_file(root, request->path, !request->must_be_version, &written->place);
  if (error != 0)
    return error == ENOENT && request->must_be_version ? ESTALE : error;
  struct stat file;
  bool is_there;
  error = check_target(written, &file, &is_there);
  if (error != 0)
    return error;
  if (!request->has_mode)
    request->mode = is_there ? file.st_mode & 0777 : DEFAULT_MODE;
  return temporary_make(&written->temporary, written->place.parent);
}

int written_file_seal(const struct written_file *written)
{
  const struct write_request *request = &written->request;
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}};
  if (request->has_mtime) {
    times[1].tv_sec = (time_t)(request->mtime_ns / 1000000000);
    times[1].tv_nsec = (long)(request->mtime_ns % 1000000000);
  }
  int fd = written->temporary.fd;
  return fchmod(fd, request->mode) < 0 || futimens(fd, times) < 0 ? errno : 0;
}

// A program may still change the file between the check and the rename; other operations cannot.
int written_file_commit(struct written_file *written)
{
  struct stat file;
  bool is_there;
  int error = check_target(written, &file, &is_there);
  if (error == 0)
    error = temporary_rename(&written->temporary, written->place.parent, written->place.name,
                             !written->request.must_be_absent);
  written->is_created = !is_there;
  return error == EEXIST ? ESTALE : error;
}

void written_file_end(struct written_file *written)
{
  temporary_end(&written->temporary, written->place.parent);
  place_close(&written->place);
}
