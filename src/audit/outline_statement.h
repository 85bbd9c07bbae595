/* outline_statement.h: single statements of an outline, told from their line alone. */
#ifndef STETH_AUDIT_OUTLINE_STATEMENT_H
#define STETH_AUDIT_OUTLINE_STATEMENT_H

#include "audit/lexical.h"

enum statement_place { IN_MODULE, IN_CLASS, IN_FUNCTION };

/* Whether nothing but blanks and a comment follows in the line. */
bool statement_ends(const char *text, const struct logical_line *line, size_t at);

/* NAME(…) or a.b.c(…), which binds nothing; in functions also a.b = …, a[b] = …, a.b(…).c(…). Not
 * what decides where modules come from. */
bool statement_binds_nothing(const char *text, const struct logical_line *line,
                             enum statement_place place);

/* a.B = …, a.b = B, setattr(…): what may be a class */
bool statement_sets_attribute(const char *text, const struct logical_line *line);

/* Behind the "=" of a table: NAME = {…, NAME: T = […; 0: the line is none. */
size_t statement_table(const char *text, size_t start, size_t end);

/* The index behind the name of a class's field of which the value need not be known, but for its
 * being there: NAME = a constant, […], {…} or a call; NAME: T, also with a value. 0: it is none. */
size_t statement_field(const char *text, const struct logical_line *line, bool *annotated);

/* The index behind the name of a function, which begins at *name; 0: the line defines none. */
size_t statement_function(const char *text, const struct logical_line *line, size_t *name);

#endif
