/* pattern.c: patterns of paths in the settings. */
#include <string.h>

#include "cli/settings.h"

/* Where to go on from after a star: each star is tried further only when what follows fails. */
struct retry {
    const char *pattern, *text;
    bool across; /* the star stands for "/", too */
    bool steps;  /* … and for whole steps of the path only */
};

static bool take_retry(struct retry *retry, const char **pattern, const char **text)
{
    if (!retry->pattern || !*retry->text || (!retry->across && *retry->text == '/'))
        return false;
    if (retry->steps)
        retry->text += strcspn(retry->text, "/");
    if (!*retry->text)
        return false;
    *text = ++retry->text;
    *pattern = retry->pattern;
    return true;
}

static bool glob(const char *pattern, const char *text)
{
    struct retry one = {0}, all = {0};
    while (*text || *pattern) {
        if (pattern[0] == '*' && pattern[1] == '*') {
            pattern += 2;
            bool steps = *pattern == '/'; /* "a/" + "**" + "/b" matches a/b, too */
            pattern += steps;
            all = (struct retry){pattern, text, true, steps};
            one = (struct retry){0};
        } else if (*pattern == '*') {
            one = (struct retry){++pattern, text, false, false};
        } else if (*text && (*pattern == *text || (*pattern == '?' && *text != '/'))) {
            pattern++;
            text++;
        } else if (!take_retry(&one, &pattern, &text)) {
            if (!take_retry(&all, &pattern, &text))
                return false;
            one = (struct retry){0};
        }
    }
    return true;
}

bool pattern_matches(const char *pattern, const char *path)
{
    char plain[4096], part[4096];
    size_t length = strlen(pattern), size = strlen(path);
    if (length >= sizeof plain || size >= sizeof part)
        return false;
    memcpy(plain, pattern, length + 1);
    while (length && plain[length - 1] == '/')
        plain[--length] = '\0';
    const char *start = strncmp(plain, "./", 2) == 0 ? plain + 2 : plain;
    bool anywhere = !strchr(start, '/');
    for (size_t begin = 0, end = 0; end <= size; end++) {
        if (path[end] != '/' && path[end] != '\0')
            continue;
        memcpy(part, path + begin, end - begin);
        part[end - begin] = '\0';
        if (end > begin && glob(start, part))
            return true;
        if (anywhere)
            begin = end + 1;
    }
    return false;
}
