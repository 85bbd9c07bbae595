/*
 * option_rows.h: the table of options and what their arguments mean; for the option*.c files of
 * this room, and for who names an option in a message.
 */
#ifndef STETH_CLI_OPTION_ROWS_H
#define STETH_CLI_OPTION_ROWS_H

#include "cli/options.h"

struct option_row {
    const char *name;
    const char *argument; /* NULL: takes none; "[…]": may have one */
    const char *help;
    char letter; /* 0: none */
};

extern const struct option_row option_rows[OPTION_COUNT];

/* Sets in `options` what `option` says; `argument` is NULL where the row has none. */
struct error *option_apply(enum option_id option, const char *argument, struct options *options);

#endif
