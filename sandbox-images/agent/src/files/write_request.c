#include "files/write_request.h"

#include <stddef.h>

#include "core/request.h"

enum { TAG_PATH = 1, TAG_MODE, TAG_ABSENT, TAG_VERSION, TAG_MOST, TAG_MTIME, TAG_FLUSHED };

bool write_request_read(struct write_request *request, struct fields *fields)
{
  *request = (struct write_request){.most = UINT64_MAX, .is_flushed = true};
  const struct parameter parameters[] = {
    {TAG_PATH, VALUE_PATH | REQUIRED, request->path},
    {TAG_MODE, VALUE_U32, &request->mode},
    {TAG_ABSENT, VALUE_FLAG, &request->must_be_absent},
    {TAG_VERSION, VALUE_VERSION, &request->version},
    {TAG_MOST, VALUE_U64, &request->most},
    {TAG_MTIME, VALUE_U64, &request->mtime_ns},
    {TAG_FLUSHED, VALUE_FLAG, &request->is_flushed},
  };
  if (!request_read(fields, parameters, COUNT(parameters)))
    return false;
  request->has_mode = request_has(fields, TAG_MODE);
  request->has_mtime = request_has(fields, TAG_MTIME);
  request->must_be_version = request_has(fields, TAG_VERSION);
  return request->mode <= 0777 && request->mtime_ns <= INT64_MAX &&
         !(request->must_be_absent && request->must_be_version);
}

bool write_request_accepts(const struct write_request *request, const struct stat *existing)
{
  if (request->must_be_absent)
    return existing == NULL;
  if (!request->must_be_version)
    return true;
  if (existing == NULL)
    return false;
  struct version version = entry_version(existing);
  return version.mtime_ns == request->version.mtime_ns && version.size == request->version.size &&
         version.inode == request->version.inode;
}
