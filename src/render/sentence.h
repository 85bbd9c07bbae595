/*
 * sentence.h: our own sentences as people read them.
 */
#ifndef STETH_RENDER_SENTENCE_H
#define STETH_RENDER_SENTENCE_H

/*
 * A copy in which counts have thousands separators: "41,204 objects". A count stands at the start
 * or after one of the characters `before`, and a word follows; "pid 41204" is none. The caller
 * frees it; NULL when there is no memory.
 */
char *sentence_counts(const char *sentence, const char *before);

#endif
