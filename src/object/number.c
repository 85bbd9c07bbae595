/* int and float objects. */
#include "object/internal.h"

#define DIGIT_BITS 30
#define DIGITS_MAX 3 /* 90 bits hold every 64-bit number */
#define TAG_SIGN   3 /* lv_tag: 0 positive, 1 zero, 2 negative (3.12+) */
#define TAG_SHIFT  3

static bool magnitude_of(const struct cpython *cpython, uint64_t object, uint64_t digits,
                         uint64_t *magnitude)
{
    uint32_t digit[DIGITS_MAX] = {0};
    if (digits > DIGITS_MAX || cpython->at.int_digits < 0 ||
        !target_read(cpython->target, object + (uint64_t)cpython->at.int_digits, digit,
                     digits * sizeof *digit))
        return false;
    unsigned __int128 sum = 0;
    for (size_t i = digits; i-- > 0;)
        sum = sum << DIGIT_BITS | digit[i];
    *magnitude = (uint64_t)sum;
    return sum >> 64 == 0;
}

bool int_value(const struct cpython *cpython, uint64_t object, int64_t *value)
{
    uint64_t word, digits, magnitude = 0;
    bool negative, tagged = cpython->is.tagged_ints;
    if (!(object_type_flags(cpython, object) & TYPE_LONG_SUBCLASS) ||
        !field_word(cpython, object, tagged ? cpython->at.int_tag : cpython->at.var_object_size,
                    &word))
        return false;
    if (tagged) {
        negative = (word & TAG_SIGN) == 2;
        digits = (word & TAG_SIGN) == 1 ? 0 : word >> TAG_SHIFT;
    } else {
        negative = word >> 63;
        digits = negative ? -word : word;
    }
    if (digits && !magnitude_of(cpython, object, digits, &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *value = (int64_t)(negative ? -magnitude : magnitude);
    return true;
}

/* Whether instances of `type` begin with the struct of a float. */
static bool is_float_type(const struct cpython *cpython, uint64_t type)
{
    struct type_view view;
    for (int depth = 0; depth < CHAIN_MAX && type_read(cpython, type, &view); depth++) {
        char name[TYPE_NAME_MAX];
        type_c_name(cpython, &view, name);
        if (!(view.flags & TYPE_HEAPTYPE) && !strcmp(name, "float"))
            return view.basicsize >= cpython->at.float_value + (int64_t)sizeof(double);
        type = view.base;
    }
    return false;
}

bool float_value(const struct cpython *cpython, uint64_t object, double *value)
{
    int64_t whole;
    if (is_float_type(cpython, object_type(cpython, object)))
        return cpython->at.float_value >= 0 &&
               target_read(cpython->target, object + (uint64_t)cpython->at.float_value, value,
                           sizeof *value);
    if (!int_value(cpython, object, &whole))
        return false;
    *value = (double)whole;
    return true;
}
