/* Statements with arms. */
#include "audit/scan_internal.h"

struct arms scan_arms_begin(struct scan *scan)
{
    struct arms arms = {(uint32_t)scan->module->constructs.count, NONE, scan->block};
    struct construct construct = {NONE, scan->position, 0};
    if (!vector_push(&scan->module->constructs, construct)) {
        scan->module->no_memory = true;
        arms.construct = NONE;
    }
    return arms;
}

void scan_arm(struct scan *scan, struct arms *arms, enum arm_kind kind, expression_id test,
              TSNode body, unsigned line)
{
    struct module *module = scan->module;
    struct block block = {.kind = kind,
                          .parent = arms->outer,
                          .construct = arms->construct,
                          .next = NONE,
                          .test = test,
                          .start = scan->position + 1,
                          .left_at = NONE,
                          .first_event = (uint32_t)module->events.count,
                          .scope = scan->scope,
                          .line = line};
    uint32_t number = (uint32_t)module->blocks.count;
    if (arms->construct == NONE || !vector_push(&module->blocks, block)) {
        module->no_memory = true;
        return;
    }
    if (arms->last == NONE)
        module->constructs.items[arms->construct].first = number;
    else
        module->blocks.items[arms->last].next = number;
    arms->last = number;
    scan->block = number;
    scan_block(scan, body);
    scan->position++;
    scan->block = arms->outer;
    module->blocks.items[number].end = scan->position;
    module->blocks.items[number].end_event = (uint32_t)module->events.count;
}

/* Whether nothing goes on behind a statement with arms. */
static bool all_leave(const struct module *module, uint32_t first)
{
    bool tried = module->blocks.items[first].kind == ARM_TRY;
    bool left = false, others = true;
    if (!tried && module->blocks.items[first].kind != ARM_IF)
        return false;
    for (uint32_t arm = first; arm != NONE; arm = module->blocks.items[arm].next) {
        const struct block *block = &module->blocks.items[arm];
        if (block->kind == ARM_FINALLY && block->left_at != NONE)
            return true;
        if (tried && (block->kind == ARM_TRY || block->kind == ARM_ELSE))
            left |= block->left_at != NONE;
        else if (block->kind != ARM_FINALLY)
            others &= block->left_at != NONE;
    }
    return (left || !tried) && others;
}

void scan_arms_end(struct scan *scan, const struct arms *arms)
{
    struct module *module = scan->module;
    scan->position++;
    if (arms->construct == NONE)
        return;
    module->constructs.items[arms->construct].end = scan->position;
    uint32_t first = module->constructs.items[arms->construct].first;
    if (first == NONE)
        return;
    if (all_leave(module, first))
        scan_leave(scan, true, module->blocks.items[first].line);
    if (module->blocks.items[first].kind != ARM_IF)
        return;
    for (uint32_t arm = first; arm != NONE; arm = module->blocks.items[arm].next) {
        if (module->blocks.items[arm].left_at == NONE)
            continue;
        if (!vector_push(&module->leaving, arms->construct))
            module->no_memory = true;
        break;
    }
}

static TSNode no_node(void)
{
    return (TSNode){0};
}

void scan_if(struct scan *scan, TSNode node)
{
    struct arms arms = scan_arms_begin(scan);
    expression_id test = scan_expression(scan, SCAN_FIELD(scan, node, condition));
    scan_arm(scan, &arms, ARM_IF, test, SCAN_FIELD(scan, node, consequence), SCAN_LINE(scan, node));
    bool has_else = false;
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
        TSNode part = ts_tree_cursor_current_node(&cursor);
        enum node_kind kind = SCAN_KIND(scan, part);
        if (kind == NODE_elif_clause) {
            test = scan_expression(scan, SCAN_FIELD(scan, part, condition));
            scan_arm(scan, &arms, ARM_IF, test, SCAN_FIELD(scan, part, consequence),
                     SCAN_LINE(scan, part));
        } else if (kind == NODE_else_clause) {
            has_else = true;
            scan_arm(scan, &arms, ARM_ELSE, NONE, SCAN_FIELD(scan, part, body),
                     SCAN_LINE(scan, part));
        }
    }
    ts_tree_cursor_delete(&cursor);
    if (!has_else)
        scan_arm(scan, &arms, ARM_ELSE, NONE, no_node(), SCAN_LINE(scan, node));
    scan_arms_end(scan, &arms);
}

/* `except A as b:` binds b, and unbinds it in the end. */
static void scan_except(struct scan *scan, struct arms *arms, TSNode clause)
{
    expression_id test = NONE;
    TSNode body = no_node();
    uint32_t values = 0;
    TSTreeCursor cursor = ts_tree_cursor_new(clause);
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
        TSNode part = ts_tree_cursor_current_node(&cursor);
        if (SCAN_KIND(scan, part) == NODE_block) {
            body = part;
        } else if (ts_tree_cursor_current_field_id(&cursor) == scan->grammar->field.value) {
            TSNode value = part;
            if (SCAN_KIND(scan, part) == NODE_as_pattern)
                value = ts_node_named_child(part, 0);
            test = scan_expression(scan, value);
            values++;
        }
    }
    ts_tree_cursor_delete(&cursor);
    if (values > 1) /* except A, B: which of them does not matter so much as that it is not all */
        test = scan_add_expression(
            scan, (struct expression){.kind = EXPRESSION_OTHER, .line = SCAN_LINE(scan, clause)},
            NULL, 0);
    scan_arm(scan, arms, ARM_EXCEPT, test, body, SCAN_LINE(scan, clause));
}

void scan_try(struct scan *scan, TSNode node)
{
    struct arms arms = scan_arms_begin(scan);
    scan_arm(scan, &arms, ARM_TRY, NONE, SCAN_FIELD(scan, node, body), SCAN_LINE(scan, node));
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
        TSNode part = ts_tree_cursor_current_node(&cursor);
        enum node_kind kind = SCAN_KIND(scan, part);
        if (kind == NODE_except_clause)
            scan_except(scan, &arms, part);
        else if (kind == NODE_else_clause)
            scan_arm(scan, &arms, ARM_ELSE, NONE, SCAN_FIELD(scan, part, body),
                     SCAN_LINE(scan, part));
        else if (kind == NODE_finally_clause && ts_node_named_child_count(part))
            scan_arm(scan, &arms, ARM_FINALLY, NONE,
                     ts_node_named_child(part, ts_node_named_child_count(part) - 1),
                     SCAN_LINE(scan, part));
    }
    ts_tree_cursor_delete(&cursor);
    scan_arms_end(scan, &arms);
}

/* Whether a call is of a function, or a method, with one of these names. */
static bool is_call_of(const struct scan *scan, TSNode call, const char *const *names)
{
    TSNode name = SCAN_FIELD(scan, call, function);
    if (SCAN_KIND(scan, name) == NODE_attribute)
        name = SCAN_FIELD(scan, name, attribute);
    for (; *names; names++) {
        if (scan_text_is(scan, name, *names))
            return true;
    }
    return false;
}

/* What may stand behind `except`: all arguments, texts and keywords included. */
static expression_id exceptions_of(struct scan *scan, TSNode arguments)
{
    expression_id all[8];
    uint32_t count = 0,
             total = ts_node_is_null(arguments) ? 0 : ts_node_named_child_count(arguments);
    for (uint32_t i = 0; i < total && count < 8; i++) {
        expression_id one = scan_expression(scan, ts_node_named_child(arguments, i));
        if (one != NONE)
            all[count++] = one;
    }
    struct expression sequence = {.kind = EXPRESSION_SEQUENCE,
                                  .text = module_intern(scan->module, "(", 1)};
    return count ? scan_add_expression(scan, sequence, all, count) : NONE;
}

/* `with suppress(ImportError):` is a try whose handler does nothing; so is what tests assert:
 * pytest.raises(E), self.assertRaises(E), self.assertRaisesRegex(E, …). */
static expression_id suppressed(struct scan *scan, TSNode clause, bool *asserted)
{
    static const char *const assertions[] = {"raises", "assertRaises", "assertRaisesRegex", NULL};
    static const char *const others[] = {"suppress", NULL};
    for (uint32_t i = 0; i < ts_node_named_child_count(clause); i++) {
        TSNode call = SCAN_FIELD(scan, ts_node_named_child(clause, i), value);
        if (!ts_node_is_null(call) && SCAN_KIND(scan, call) == NODE_as_pattern)
            call = ts_node_named_child(call, 0);
        if (ts_node_is_null(call) || SCAN_KIND(scan, call) != NODE_call)
            continue;
        *asserted = is_call_of(scan, call, assertions);
        if (*asserted || is_call_of(scan, call, others))
            return exceptions_of(scan, SCAN_FIELD(scan, call, arguments));
    }
    return NONE;
}

void scan_with(struct scan *scan, TSNode node)
{
    TSNode clause = ts_node_named_child(node, 0);
    TSNode body = SCAN_FIELD(scan, node, body);
    if (ts_node_is_null(clause) || SCAN_KIND(scan, clause) != NODE_with_clause) {
        scan_block(scan, body);
        return;
    }
    bool asserted = false;
    expression_id handled = suppressed(scan, clause, &asserted);
    for (uint32_t i = 0; i < ts_node_named_child_count(clause) && i < 100; i++) {
        TSNode value = SCAN_FIELD(scan, ts_node_named_child(clause, i), value);
        if (ts_node_is_null(value) || SCAN_KIND(scan, value) != NODE_as_pattern)
            continue;
        TSNode alias = SCAN_FIELD(scan, value, alias);
        if (!ts_node_is_null(alias))
            scan_bind_target(scan, alias, NONE, "a context manager gives it");
    }
    if (handled == NONE) {
        uint32_t guarded = scan->guarded;
        scan->guarded = scan->block;
        scan_block(scan, body);
        scan->guarded = guarded;
        return;
    }
    struct arms arms = scan_arms_begin(scan);
    scan_arm(scan, &arms, ARM_TRY, NONE, body, SCAN_LINE(scan, node));
    scan_arm(scan, &arms, ARM_EXCEPT, handled, no_node(), SCAN_LINE(scan, node));
    if (arms.last != NONE)
        scan->module->blocks.items[arms.last].asserted = asserted;
    scan_arms_end(scan, &arms);
}
