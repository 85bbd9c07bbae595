/*
 * markdown.h: a page of Markdown on a terminal: headings bold, code indented, tables aligned,
 * paragraphs and list items wrapped. The pages are our own; what this does not know is printed as
 * it stands.
 */
#ifndef STETH_CLI_MARKDOWN_H
#define STETH_CLI_MARKDOWN_H

#include <stdio.h>

#include "render/style.h"

void markdown_print(FILE *out, const struct text_style *style, const char *markdown);

#endif
