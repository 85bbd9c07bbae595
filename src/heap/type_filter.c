#include "heap/type_filter.h"

#include "object/object.h"

/* Beyond, what is not remembered is left to the full verification. */
#define METATYPES_MAX (1u << 16)

void type_filter_free(struct type_filter *filter)
{
    address_map_free(&filter->metatypes);
}

/* The type of a type is `type` or derives from it. */
static bool is_metatype(struct type_filter *filter, const struct cpython *cpython, uint64_t address)
{
    if (address == cpython->type_type)
        return true;
    uint32_t known = address_map_get(&filter->metatypes, address);
    if (known != ADDRESS_MAP_ABSENT)
        return known;
    if (filter->metatypes.count >= METATYPES_MAX)
        return true;
    struct type_view view;
    bool metatype = !(address & 7) && target_mapping_at(cpython->target, address) &&
                    type_read(cpython, address, &view) && (view.flags & TYPE_TYPE_SUBCLASS);
    (void)address_map_put(&filter->metatypes, address, metatype);
    return metatype;
}

static void accept(struct type_filter *filter, uint64_t address)
{
    if (type_filter_rejects(filter, address))
        filter->rejected[type_filter_slot(address)] = 0;
}

bool type_filter_suspect(struct type_filter *filter, uint64_t address)
{
    if (type_filter_rejects(filter, address))
        return false;
    filter->rejected[type_filter_slot(address)] = address;
    return true;
}

void type_filter_judge(struct type_filter *filter, const struct cpython *cpython,
                       const struct cpython *remembered, const uint64_t *addresses, size_t count)
{
    struct read_request requests[TYPE_FILTER_BATCH];
    uint64_t judged[TYPE_FILTER_BATCH], metatypes[TYPE_FILTER_BATCH];
    size_t wanted = 0;
    for (size_t i = 0; i < count && i < TYPE_FILTER_BATCH; i++) {
        /* An address that is not mapped would end the reading of the others. */
        if (!target_mapping_at(cpython->target, addresses[i]))
            continue;
        uint64_t at = addresses[i] + (uint64_t)cpython->at.object_type;
        judged[wanted] = addresses[i];
        requests[wanted] = (struct read_request){at, &metatypes[wanted], 8, false};
        wanted++;
    }
    target_read_batch(cpython->target, requests, wanted);
    for (size_t i = 0; i < wanted; i++)
        if (requests[i].ok && is_metatype(filter, remembered, metatypes[i]))
            accept(filter, judged[i]);
}
