/*
 * exempt.h: the types whose instances may be alive after their finalizer ran without anybody's
 * mistake. Judged by the class that provides the finalizer, so that a subclass with a __del__ of
 * its own is not covered. Each exemption has a reason that is shown.
 */
#ifndef STETH_ANALYSIS_EXEMPT_H
#define STETH_ANALYSIS_EXEMPT_H

struct exemption {
    const char *provider; /* the class that defines the finalizer */
    const char *holder;   /* only when this holds the object; NULL: whoever does */
    const char *through;  /* only when the path passes an instance of this class; NULL: any path */
    const char *reason;
};

/* The exemption of objects whose finalizer `provider` defines, NULL when there is none. */
const struct exemption *exemption_of(const char *provider);

#endif
