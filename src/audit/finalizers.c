#include "audit/finalizers.h"

#include <string.h>

static const char name[] = "__del__";
#define LENGTH (sizeof name - 1)

/* Behind "def", a name that is bound; in front of "=" and the like, too. */
static bool is_bound(const char *text, const char *at)
{
    const char *before = at, *behind = at + LENGTH;
    while (before > text && (before[-1] == ' ' || before[-1] == '\t'))
        before--;
    if (before - text >= 3 && memcmp(before - 3, "def", 3) == 0)
        return true;
    behind += strspn(behind, " \t\r");
    return *behind && strchr("=:,;)]\n\\#", *behind) &&
           (before == text || !strchr("'\"`", before[-1]));
}

bool finalizers_may_occur(const char *text, size_t size)
{
    const char *end = text + size, *at = text;
    for (; (at = memmem(at, (size_t)(end - at), name, LENGTH)); at += LENGTH) {
        if (is_bound(text, at))
            return true;
    }
    return false;
}
