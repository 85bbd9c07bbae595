#include "audit/import_line.h"

#include <ctype.h>

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Blanks; in brackets also ends of lines and comments. */
static void skip(struct import_line *line)
{
    for (; line->at < line->end; line->at++) {
        char c = *line->at;
        if (c == '\\' && line->at + 1 < line->end && line->at[1] == '\n') {
            line->at++;
        } else if (c == '#' && line->brackets) {
            line->at = memchr(line->at, '\n', (size_t)(line->end - line->at));
            if (!line->at)
                line->at = line->end;
            line->at -= line->at == line->end;
        } else if (c != ' ' && c != '\t' && !(line->brackets && (c == '\n' || c == '\r'))) {
            return;
        }
    }
}

static struct slice read_name(struct import_line *line, bool dots)
{
    struct slice name = {line->at, 0};
    while (line->at < line->end && (is_letter(*line->at) || (dots && *line->at == '.')))
        line->at++;
    name.size = (size_t)(line->at - name.start);
    return name;
}

static bool take_word(struct import_line *line, const char *word)
{
    const char *before = line->at;
    if (slice_is(read_name(line, false), word)) {
        skip(line);
        return true;
    }
    line->at = before;
    return false;
}

static bool take(struct import_line *line, char c)
{
    bool found = line->at < line->end && *line->at == c;
    line->at += found;
    return found;
}

/* False: it is no such statement. */
static bool open_line(struct import_line *line, struct slice text)
{
    *line = (struct import_line){.at = text.start, .end = text.start + text.size, .first = true};
    skip(line);
    line->from = take_word(line, "from");
    if (line->from) {
        while (take(line, '.'))
            line->level++;
        skip(line);
        const char *before = line->at;
        line->module = read_name(line, true);
        if (slice_is(line->module, "import")) {
            line->module.size = 0;
            line->at = before;
        }
        skip(line);
        if (!line->module.size && !line->level)
            return false;
    }
    if (!take_word(line, "import"))
        return false;
    line->brackets = line->from && take(line, '(');
    skip(line);
    return true;
}

static bool is_dotted(struct slice name)
{
    bool letter = false;
    for (size_t i = 0; i < name.size; i++) {
        if (name.start[i] == '.' && !letter)
            return false;
        letter = name.start[i] != '.';
    }
    return letter && !isdigit((unsigned char)*name.start);
}

/* 1: a name; 0: the end; -1: something else. */
static int next_name(struct import_line *line, struct slice *name, struct slice *alias)
{
    *alias = (struct slice){"", 0};
    if (!line->first && !take(line, ','))
        goto end;
    skip(line);
    if (!line->first && line->brackets && line->at < line->end && *line->at == ')')
        goto end;
    line->first = false;
    *name = (struct slice){line->at, 1};
    if (line->from && !line->brackets && take(line, '*')) {
        skip(line);
        return line->at == line->end || strchr("\r\n#", *line->at) ? 1 : -1;
    }
    *name = read_name(line, !line->from);
    skip(line);
    if (take_word(line, "as")) {
        *alias = read_name(line, false);
        skip(line);
        if (!is_dotted(*alias))
            return -1;
    }
    return is_dotted(*name) ? 1 : -1;
end:
    if (line->brackets && !take(line, ')'))
        return -1;
    line->brackets = false;
    skip(line);
    line->first = false;
    return line->at == line->end || strchr("\r\n#", *line->at) ? 0 : -1;
}

bool import_line_is_plain(struct slice text)
{
    struct import_line line;
    struct slice name, alias;
    if (!open_line(&line, text) || (line.module.size && !is_dotted(line.module)))
        return false;
    int found = 1;
    unsigned count = 0;
    while (found > 0) {
        found = next_name(&line, &name, &alias);
        count += found > 0;
    }
    return found == 0 && count;
}

void import_line_open(struct import_line *line, struct slice text)
{
    open_line(line, text);
}

bool import_line_next(struct import_line *line, struct slice *name, struct slice *alias)
{
    return next_name(line, name, alias) > 0;
}
