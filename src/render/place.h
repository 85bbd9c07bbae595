/*
 * place.h: a place in source as every renderer writes it.
 */
#ifndef STETH_RENDER_PLACE_H
#define STETH_RENDER_PLACE_H

/*
 * "FILE:LINE in FUNCTION", or what of it is known; NULL when nothing is, or without memory. The
 * caller frees it. Not escaped.
 */
char *place_format(const char *file, unsigned line, const char *function);

#endif
