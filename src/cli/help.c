/* help.c: what --help prints: of steth, and of one verb. */
#include "cli/verbs.h"

static void print_exit_statuses(FILE *out)
{
    fputs("\nexit status:\n"
          "  0  looked, nothing at or above --fail-on    1  findings\n"
          "  2  usage    3  permission denied            70 internal error\n"
          "  4  cannot look (no such process, not CPython, unsupported build)\n",
          out);
}

static void print_general_help(FILE *out)
{
    fputs("steth: a stethoscope for CPython. It reads a running interpreter from outside,\n"
          "without stopping it, and names the failures that raise no exception.\n"
          "\n"
          "usage:\n"
          "  steth                    the Python processes of this machine\n"
          "  steth PID                short for steth check PID\n"
          "  steth VERB [options]     see steth VERB --help\n"
          "\n"
          "verbs:\n",
          out);
    size_t count;
    const struct verb *verbs = verbs_all(&count);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  %-8s  %s\n", verbs[i].name, verbs[i].summary);
    fputs("\noptions of every verb:\n", out);
    options_print_help(out, OPTIONS_COMMON);
    print_exit_statuses(out);
}

void verb_print_help(FILE *out, const struct verb *verb)
{
    if (!verb) {
        print_general_help(out);
        return;
    }
    fprintf(out, "usage: steth %s [options]\n\n%s\noptions:\n", verb->usage, verb->help);
    options_print_help(out, verb->accepts);
    print_exit_statuses(out);
}
