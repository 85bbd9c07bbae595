/* How this process hashes its strings: with the secret that it drew at its start. */
#include "layout/internal.h"

#include <string.h>

#define SAMPLES    8
#define SAMPLE_MAX 64
#define ENOUGH     3
#define UNKNOWN    UINT64_MAX /* a hash that was never asked for */

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void absorb(uint64_t v[4], uint64_t word, unsigned rounds)
{
    v[3] ^= word;
    for (unsigned i = 0; i < rounds; i++)
        mix(v);
    v[0] ^= word;
}

/* SipHash of Aumasson and Bernstein; hash(str) is that of its characters (Python/pyhash.c). */
uint64_t string_hash(const struct string_hash *hash, const char *text, size_t size)
{
    uint64_t v[4] = {
        hash->key[0] ^ UINT64_C(0x736f6d6570736575),
        hash->key[1] ^ UINT64_C(0x646f72616e646f6d),
        hash->key[0] ^ UINT64_C(0x6c7967656e657261),
        hash->key[1] ^ UINT64_C(0x7465646279746573),
    };
    uint64_t last = (uint64_t)size << 56, word;
    if (!size)
        return 0;
    for (size_t i = 0; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, text + i, sizeof word);
        absorb(v, word, hash->rounds);
    }
    for (size_t i = size & ~(sizeof word - 1); i < size; i++)
        last |= (uint64_t)(uint8_t)text[i] << (8 * (i % sizeof word));
    absorb(v, last, hash->rounds);
    v[2] ^= 0xff;
    for (unsigned i = 0; i < hash->rounds + 2; i++)
        mix(v);
    uint64_t result = v[0] ^ v[1] ^ v[2] ^ v[3];
    return result == UINT64_MAX ? UINT64_MAX - 1 : result; /* -1 says "error" in CPython */
}

/* Whether `key` is a short ASCII string that has its hash with it (PyASCIIObject: ob_base, length,
 * hash, state; Include/cpython/unicodeobject.h, 3.8 to 3.15). */
static bool sample_read(const struct cpython *cpython, uint64_t key, char *text, uint64_t *length,
                        uint64_t *stored)
{
    return target_read_word(cpython->target, key + cpython->at.str_length, length) && *length &&
           *length < SAMPLE_MAX &&
           target_read_word(cpython->target, key + cpython->at.str_length + 8, stored) &&
           *stored != UNKNOWN &&
           target_read(cpython->target, key + cpython->at.str_ascii_data, text, *length);
}

/* The strings that are keys of `dict` have just the hashes that `hash` gives. */
static bool agrees(const struct cpython *cpython, uint64_t dict, const struct string_hash *hash)
{
    uint64_t keys[SAMPLES], length, stored;
    char text[SAMPLE_MAX];
    size_t count = peek_keys(cpython, dict, keys, SAMPLES), agreed = 0;
    for (size_t i = 0; i < count; i++) {
        if (!sample_read(cpython, keys[i], text, &length, &stored))
            continue;
        if (string_hash(hash, text, length) != stored)
            return false;
        agreed++;
    }
    return agreed >= ENOUGH;
}

static bool find(const struct cpython *cpython, struct string_hash *hash)
{
    uint64_t interpreter, modules;
    if (!cpython->hash_secret ||
        !target_read(cpython->target, cpython->hash_secret, hash->key, sizeof hash->key) ||
        !target_read_word(cpython->target, cpython->runtime + cpython->at.runtime_interpreters_head,
                          &interpreter) ||
        !target_read_word(cpython->target, interpreter + cpython->at.interpreter_modules, &modules))
        return false;
    /* SipHash-1-3 since 3.11, 2-4 before; a build may also use something else. */
    for (hash->rounds = 1; hash->rounds <= 2; hash->rounds++)
        if (agrees(cpython, modules, hash))
            return true;
    return false;
}

void string_hash_find(struct cpython *cpython)
{
    struct string_hash hash;
    if (find(cpython, &hash))
        cpython->string_hash = hash;
}
