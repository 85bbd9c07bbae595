#include "render/place.h"

#include <stdio.h>

#include "base/text.h"

char *place_format(const char *file, unsigned line, const char *function)
{
    char number[16] = "";
    if (function && !*function)
        function = NULL;
    if (!file && !function)
        return NULL;
    if (file && line)
        snprintf(number, sizeof number, ":%u", line);
    return text_format("%s%s%s%s", file ? file : "", number, file && function ? " in " : "",
                       function ? function : "");
}
