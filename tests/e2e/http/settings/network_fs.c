// SPDX-License-Identifier: Apache-2.0
// Preloaded, makes every file system look like NFS: what `single_writer` is about, without a server for it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/magic.h>
#include <sys/vfs.h>

typedef int (*statfs_function)(const char*, struct statfs*);

static int as_nfs(const char* name, const char* path, struct statfs* out) {
  const statfs_function real = (statfs_function)dlsym(RTLD_NEXT, name);
  const int status = real(path, out);
  out->f_type = NFS_SUPER_MAGIC;
  return status;
}

int statfs(const char* path, struct statfs* out) { return as_nfs("statfs", path, out); }
int statfs64(const char* path, struct statfs64* out) {
  return as_nfs("statfs64", path, (struct statfs*)out);
}
