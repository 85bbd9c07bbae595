#include "render/uri.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* Takes "." and ".." and empty steps out of an absolute path, by its letters alone, in place. */
static void normalise(char *path)
{
    char *end = path;
    for (const char *step = path; *step;) {
        step += strspn(step, "/");
        size_t length = strcspn(step, "/");
        if (length == 2 && memcmp(step, "..", 2) == 0) {
            while (end > path && *--end != '/')
                ;
        } else if (length > 0 && !(length == 1 && *step == '.')) {
            *end++ = '/';
            memmove(end, step, length);
            end += length;
        }
        step += length;
    }
    *end = '\0';
}

char *path_below(const char *file, const char *root)
{
    if (!root)
        return NULL;
    _cleanup_free_ char *whole = *file == '/' ? strdup(file) : text_format("%s/%s", root, file);
    _cleanup_free_ char *top = strdup(root);
    if (!whole || !top)
        return NULL;
    normalise(whole);
    normalise(top);
    size_t length = strlen(top);
    if (strncmp(whole, top, length) != 0 || whole[length] != '/')
        return NULL;
    return strdup(whole + length + 1);
}

/* RFC 3986: the unreserved characters, "/", and of those a path may hold none that SARIF's readers
 * stumble over (":" in a first step would make it a scheme). */
static bool stands_for_itself(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("-._~/@+,=", byte) != NULL);
}

char *uri_escape(const char *path)
{
    char *uri = malloc(3 * strlen(path) + 1), *end = uri;
    if (!uri)
        return NULL;
    for (const unsigned char *byte = (const unsigned char *)path; *byte; byte++) {
        if (stands_for_itself(*byte))
            *end++ = (char)*byte;
        else
            end += sprintf(end, "%%%02X", *byte);
    }
    *end = '\0';
    return uri;
}

char *uri_of_file(const char *file)
{
    _cleanup_free_ char *path = uri_escape(file);
    return path ? text_format("file://%s", path) : NULL;
}

char *uri_of_directory(const char *directory)
{
    _cleanup_free_ char *uri = uri_of_file(strcmp(directory, "/") == 0 ? "" : directory);
    return uri ? text_format("%s/", uri) : NULL;
}
