/* scan_internal.h: between the files of the scan. */
#ifndef STETH_AUDIT_SCAN_INTERNAL_H
#define STETH_AUDIT_SCAN_INTERNAL_H

#include "audit/scan.h"
#include "audit/syntax.h"

#define SCAN_DEEPEST_BLOCK      120  /* CPython refuses more than 100 levels of indentation */
#define SCAN_DEEPEST_EXPRESSION 16   /* what a base or a test needs is far flatter */
#define SCAN_LONGEST_LIST       4096 /* elements of one list that are kept */
#define SCAN_MOST_ARGUMENTS     1000 /* of a class statement */

/* A loop that is being read. */
struct loop {
    const struct loop *outer;
    TSNode target, values;
};

struct scan {
    const struct source *source;
    const struct grammar *grammar;
    struct module *module;
    uint32_t scope, block;
    uint32_t position; /* in the scope */
    unsigned depth;
    const struct loop *loops; /* for loops around what is read */
    unsigned breaks;          /* met so far, of the innermost loop */
    uint32_t guarded; /* the block of the innermost `with`, which may end an exception; NONE */
    VECTOR(symbol_id) globals;    /* of the function that is being read */
    VECTOR(symbol_id) own_module; /* names for the module itself */
};

#define SCAN_KIND(scan, node)        node_kind((scan)->grammar, (node))
#define SCAN_LINE(scan, node)        source_line((scan)->source, (node))
#define SCAN_FIELD(scan, node, name) ts_node_child_by_field_id((node), (scan)->grammar->field.name)

symbol_id scan_symbol(struct scan *scan, TSNode node);
bool scan_text_is(const struct scan *scan, TSNode node, const char *text);

/* Binds `name` in the current scope, or in the module for a name declared global. */
void scan_bind(struct scan *scan, symbol_id name, struct event event, TSNode node);
void scan_bind_at(struct scan *scan, symbol_id name, struct event event, unsigned line);
/* Binds what an assignment's left side names; `value` NONE: to something not known. */
void scan_bind_target(struct scan *scan, TSNode target, expression_id value, const char *why);

/* `object`.name = …: from then on it is not what its class or module says. */
void scan_set_attribute(struct scan *scan, TSNode object, symbol_id name);

/* scan_keys.c */
typedef VECTOR(symbol_id) symbol_list;
/* The texts that a key may be; false: not known. */
bool scan_key_texts(struct scan *scan, TSNode key, symbol_list *texts);
/* The keys of a dict that is written out, perhaps before. */
bool scan_keys_of(struct scan *scan, TSNode dict, symbol_list *texts);
/* Whether a loop around goes through the names of the module itself. */
bool scan_loops_over_own_names(const struct scan *scan);

/* scan_elsewhere.c */
/* Whether an expression is the module that is being read. */
bool scan_is_own_module(const struct scan *scan, TSNode node);
/* globals()["name"] = …, sys.modules[__name__].name = …; false: they bind no name. */
bool scan_bind_item(struct scan *scan, TSNode target, struct event event);
bool scan_bind_own_attribute(struct scan *scan, TSNode target, struct event event);
/* What a call binds that is a statement: exec(), setattr(), globals().update(). */
void scan_bind_by_call(struct scan *scan, TSNode call);

expression_id scan_expression(struct scan *scan, TSNode node);
/* Whether := stands in it, which binds a name. */
bool scan_has_walrus(const struct scan *scan, TSNode node);
/* An EXPRESSION_SEQUENCE of the arguments, each with its text as written. */
expression_id scan_class_arguments(struct scan *scan, TSNode list, const char **not_checked);

/* scan_parts.c */
typedef VECTOR(expression_id) expression_list;
/* What a reader sees of a node: one line, not too long. */
symbol_id scan_written_text(struct scan *scan, TSNode node);
/* Children `first`… of a new expression. */
expression_id scan_add_expression(struct scan *scan, struct expression expression,
                                  const expression_id *children, uint32_t count);
/* One that is not looked into. */
expression_id scan_other(struct scan *scan, TSNode node);
/* One without children. */
expression_id scan_plain(struct scan *scan, TSNode node, enum expression_kind kind, symbol_id text);
/* One of up to three children; a missing child makes it opaque. */
expression_id scan_composed(struct scan *scan, TSNode node, enum expression_kind kind,
                            symbol_id text, const TSNode *nodes, uint32_t count);
/* (a, b), [a, b], {a: b}; `keys`: of pairs the keys alone. */
expression_id scan_sequence(struct scan *scan, TSNode node, const char *bracket, bool keys);
/* f(a, *b, c=d), a[b, c]: child 0, then the others. */
expression_id scan_applied(struct scan *scan, TSNode node, enum expression_kind kind, TSNode head);
void scan_block(struct scan *scan, TSNode block);
/* What stands behind in the block is not reached; `raises`: unless a `with` ends the exception. */
void scan_leave(struct scan *scan, bool raises, unsigned line);
void scan_statement(struct scan *scan, TSNode node);
void scan_import(struct scan *scan, TSNode node);
void scan_from(struct scan *scan, TSNode node);
void scan_definition(struct scan *scan, TSNode node, expression_id decorators);
/* What a statement of an outline stands for. */
void scan_folded(struct scan *scan, TSNode node);
/* A function of which an outline has the name. */
void scan_function_name(struct scan *scan, struct slice name, unsigned line);
/* A field of a class, of which an outline has the name. */
void scan_field(struct scan *scan, struct slice name, bool annotated, unsigned line);
/* What may be a field of a class: a name with a type (size 0: without), and a value that begins so
 * (size 0: none). */
void scan_may_be_field(struct scan *scan, struct slice name, struct slice type, struct slice value);
/* An import statement that is plain. */
void scan_import_line(struct scan *scan, struct slice statement, unsigned line);
void scan_decorated(struct scan *scan, TSNode node);
void scan_if(struct scan *scan, TSNode node);
void scan_try(struct scan *scan, TSNode node);
void scan_loop(struct scan *scan, TSNode node);
void scan_with(struct scan *scan, TSNode node);
void scan_match(struct scan *scan, TSNode node);

/* Statements with arms: begins one, then each arm in turn. */
struct arms {
    uint32_t construct, last;
    uint32_t outer;
};
struct arms scan_arms_begin(struct scan *scan);
/* `body` may be a null node: an arm that does nothing. */
void scan_arm(struct scan *scan, struct arms *arms, enum arm_kind kind, expression_id test,
              TSNode body, unsigned line);
void scan_arms_end(struct scan *scan, const struct arms *arms);

#endif
