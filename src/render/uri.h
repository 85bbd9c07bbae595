/*
 * uri.h: files as URIs, the way SARIF and GitHub want them: relative to the root of the project
 * where they lie below it.
 */
#ifndef STETH_RENDER_URI_H
#define STETH_RENDER_URI_H

/*
 * The part of `file` below the directory `root` (absolute; NULL: unknown), without "." and "..";
 * NULL when it does not lie there. `file` may be relative to `root`. The caller frees it.
 */
char *path_below(const char *file, const char *root);

/* `path` with everything escaped that a URI does not take as it is. The caller frees it. */
char *uri_escape(const char *path);

/* "file:///…/" of an absolute directory, or without the last "/" of a file. The caller frees it. */
char *uri_of_directory(const char *directory);
char *uri_of_file(const char *file);

#endif
