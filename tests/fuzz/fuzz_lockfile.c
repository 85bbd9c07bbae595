/* Arbitrary bytes as a lock file: what can be read is written, and reads the same again. */
#include <stdlib.h>
#include <string.h>

#include "audit/lockfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print(const struct lockfile *lockfile)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        abort();
    lockfile_print(lockfile, out);
    fclose(out);
    return text;
}

static void read_again(const struct lockfile *lockfile)
{
    struct lockfile again;
    char *text = print(lockfile);
    struct error *error = lockfile_parse("again", text, strlen(text), &again);
    if (error)
        abort();
    char *same = print(&again);
    if (strcmp(text, same) != 0)
        abort();
    free(text);
    free(same);
    lockfile_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char first[] = "steth-lock 1\n";
    char *text = malloc(sizeof first + size);
    if (!text)
        return 0;
    memcpy(text, first, sizeof first - 1);
    memcpy(text + sizeof first - 1, data, size);
    struct lockfile lockfile;
    struct error *error = lockfile_parse("fuzz", text, sizeof first - 1 + size, &lockfile);
    if (!error) {
        read_again(&lockfile);
        lockfile_free(&lockfile);
    }
    error_free(error);
    free(text);
    return 0;
}
