#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/output.h"
#include "render/github.h"
#include "render/json.h"
#include "render/markdown_diff.h"
#include "render/sarif.h"

struct error *output_report(const struct options *options, const struct report *report,
                            void (*text)(FILE *out, const struct report *report,
                                         const struct text_style *style))
{
    _cleanup_free_ char *root = realpath(".", NULL);
    struct text_style style = output_style(options);
    switch (options->format) {
    case FORMAT_JSON:
        return output_json(options, render_json(report));
    case FORMAT_SARIF:
        return output_json(options, render_sarif(report, root));
    case FORMAT_GITHUB:
        render_github(options->out, report, root);
        break;
    case FORMAT_MARKDOWN:
        render_markdown_diff(options->out, report, options->limit);
        break;
    case FORMAT_TEXT:
        text(options->out, report, &style);
        break;
    }
    return NULL;
}
