#include "audit/tree_memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRAIN      16 /* bytes: slots are multiples of it, and the pieces in them lie at such */
#define SMALL      64 /* grains: slots above are powers of two */
#define KINDS      (SMALL + 64)
#define OF_MALLOC  KINDS
#define BLOCK_SIZE ((size_t)1 << 20)

/* In front of each piece: the kind of its slot; when it is of malloc, in front of that its size. */
typedef uint64_t head;

struct block {
    struct block *next;
    size_t size;
    char bytes[]; /* malloc's are aligned to GRAIN, as is what the two above fill */
};

struct tree_memory {
    char *at, *end;
    struct block *blocks; /* the newest first */
    void *freed[KINDS];   /* pieces to be used again, each with the next in it */
};

/* tree-sitter hands its allocators no context. */
static _Thread_local struct tree_memory *current;

static _Noreturn void give_up(size_t size)
{
    fprintf(stderr, "steth: there is no memory for a syntax tree: %zu bytes\n", size);
    abort();
}

static head *head_of(void *piece)
{
    return (head *)piece - 1;
}

/* ---- slots of a block ------------------------------------------------------------------------ */

/* The kind of the slot for a piece. */
static unsigned kind_for(size_t size)
{
    size_t grains = (size + sizeof(head) + GRAIN - 1) / GRAIN;
    return grains < SMALL ? (unsigned)grains : SMALL + 64 - (unsigned)__builtin_clzl(grains - 1);
}

static size_t slot_size(uint64_t kind)
{
    return GRAIN * (kind < SMALL ? (size_t)kind : (size_t)1 << (kind - SMALL));
}

/* The end of a block is GRAIN - sizeof(head) bytes behind its last slot. */
static bool add_block(struct tree_memory *memory, size_t slot)
{
    size_t size = slot + GRAIN > BLOCK_SIZE ? slot + GRAIN : BLOCK_SIZE;
    struct block *block = malloc(sizeof *block + size);
    if (!block)
        return false;
    block->next = memory->blocks;
    block->size = size;
    memory->blocks = block;
    memory->at = block->bytes + GRAIN - sizeof(head);
    memory->end = block->bytes + size;
    return true;
}

static void *cut(struct tree_memory *memory, size_t size)
{
    unsigned kind = kind_for(size);
    void *piece = memory->freed[kind];
    if (piece) {
        memcpy(&memory->freed[kind], piece, sizeof piece);
        return piece;
    }
    size_t slot = slot_size(kind);
    if ((size_t)(memory->end - memory->at) < slot && !add_block(memory, slot))
        give_up(size);
    piece = memory->at + sizeof(head);
    *head_of(piece) = kind;
    memory->at += slot;
    return piece;
}

/* ---- pieces of malloc ------------------------------------------------------------------------ */

static void *plain_malloc(size_t size)
{
    head *start = malloc(2 * sizeof *start + size);
    if (!start)
        give_up(size);
    start[0] = size;
    start[1] = OF_MALLOC;
    return start + 2;
}

static size_t room_of(void *piece)
{
    head *behind = head_of(piece);
    return *behind == OF_MALLOC ? (size_t)behind[-1] : slot_size(*behind) - sizeof *behind;
}

/* ---- what tree-sitter calls ------------------------------------------------------------------ */

void *tree_memory_malloc(size_t size)
{
    if (size > SIZE_MAX / 4)
        give_up(size);
    return current ? cut(current, size) : plain_malloc(size);
}

void *tree_memory_calloc(size_t count, size_t size)
{
    size_t all;
    if (__builtin_mul_overflow(count, size, &all))
        give_up(SIZE_MAX);
    return memset(tree_memory_malloc(all), 0, all);
}

void tree_memory_free(void *piece)
{
    if (!piece)
        return;
    head kind = *head_of(piece);
    if (kind == OF_MALLOC) {
        free(head_of(piece) - 1);
    } else {
        memcpy(piece, &current->freed[kind], sizeof piece);
        current->freed[kind] = piece;
    }
}

void *tree_memory_realloc(void *piece, size_t size)
{
    if (piece && room_of(piece) >= size)
        return piece;
    void *larger = tree_memory_malloc(size);
    if (piece)
        memcpy(larger, piece, room_of(piece));
    tree_memory_free(piece);
    return larger;
}

/* ---- the blocks of a thread ------------------------------------------------------------------ */

bool tree_memory_begin(void)
{
    if (!current)
        current = calloc(1, sizeof *current);
    return current;
}

bool tree_memory_has_begun(void)
{
    return current;
}

/* Frees all but the oldest block, which is of the ordinary size unless a single piece is larger. */
static void free_younger(struct tree_memory *memory)
{
    while (memory->blocks && memory->blocks->next) {
        struct block *next = memory->blocks->next;
        free(memory->blocks);
        memory->blocks = next;
    }
}

void tree_memory_take_back(void)
{
    if (!current || !current->blocks)
        return;
    free_younger(current);
    memset(current->freed, 0, sizeof current->freed);
    current->at = current->blocks->bytes + GRAIN - sizeof(head);
    current->end = current->blocks->bytes + current->blocks->size;
}

void tree_memory_end(void)
{
    if (!current)
        return;
    free_younger(current);
    free(current->blocks);
    free(current);
    current = NULL;
}
