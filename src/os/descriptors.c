#include "os/descriptors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/process.h"

#define TABLE_LIMIT     (4u << 20)
#define DESCRIPTORS_MAX (1u << 20)
#define TCP_LISTENS     0x0a

/* ---- sockets of the network ------------------------------------------------------------------ */

struct end {
    char address[INET6_ADDRSTRLEN];
    unsigned port;
};

struct network_socket {
    uint64_t inode;
    const char *protocol; /* "tcp", "udp"; static */
    struct end local, remote;
    bool listens;
};

struct listing {
    const struct process_files *files;
    VECTOR(struct network_socket) sockets;
    uint64_t listening[65536 / 64]; /* ports, as bits */
    descriptor_vector *groups;      /* one entry a descriptor, until they are merged */
    bool no_memory;
};

/* Each 32 bits of the address are one hexadecimal number of the machine's order. */
static bool parse_end(const char *text, struct end *end)
{
    struct in6_addr address = {0};
    size_t digits = strcspn(text, ":");
    char word[9] = "";
    for (size_t i = 0; i < digits / 8 && i < 4; i++) {
        memcpy(word, text + i * 8, 8);
        uint32_t number = (uint32_t)strtoul(word, NULL, 16);
        memcpy(&address.s6_addr[i * 4], &number, sizeof number);
    }
    if ((digits != 8 && digits != 32) || text[digits] != ':')
        return false;
    bool four = digits == 8 || IN6_IS_ADDR_V4MAPPED(&address);
    const void *bytes = digits == 8 || !four ? &address.s6_addr[0] : &address.s6_addr[12];
    end->port = (unsigned)strtoul(text + digits + 1, NULL, 16) & 0xffff;
    return inet_ntop(four ? AF_INET : AF_INET6, bytes, end->address, sizeof end->address);
}

/* " 0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 1234 …" */
static void parse_socket(struct listing *listing, const char *line, const char *protocol)
{
    char local[40], remote[40];
    unsigned state;
    struct network_socket entry = {.protocol = protocol};
    if (sscanf(line, "%*u: %39s %39s %x %*s %*s %*s %*u %*u %" SCNu64, local, remote, &state,
               &entry.inode) != 4 ||
        !parse_end(local, &entry.local) || !parse_end(remote, &entry.remote))
        return;
    entry.listens = state == TCP_LISTENS && protocol[0] == 't';
    if (entry.listens)
        listing->listening[entry.local.port / 64] |= UINT64_C(1) << (entry.local.port % 64);
    if (!vector_push(&listing->sockets, entry))
        listing->no_memory = true;
}

static void parse_table(struct listing *listing, const char *path, const char *protocol)
{
    _cleanup_free_ char *text = process_files_read(listing->files, path, TABLE_LIMIT, NULL);
    char *rest = NULL;
    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        parse_socket(listing, line, protocol);
}

static int compare_inodes(const void *left, const void *right)
{
    const struct network_socket *a = left, *b = right;
    return (a->inode > b->inode) - (a->inode < b->inode);
}

static void read_sockets(struct listing *listing)
{
    parse_table(listing, "net/tcp", "tcp");
    parse_table(listing, "net/tcp6", "tcp");
    parse_table(listing, "net/udp", "udp");
    parse_table(listing, "net/udp6", "udp");
    if (listing->sockets.count)
        qsort(listing->sockets.items, listing->sockets.count, sizeof *listing->sockets.items,
              compare_inodes);
}

static const struct network_socket *find_socket(const struct listing *listing, uint64_t inode)
{
    struct network_socket wanted = {.inode = inode};
    return listing->sockets.count ? bsearch(&wanted, listing->sockets.items, listing->sockets.count,
                                            sizeof *listing->sockets.items, compare_inodes)
                                  : NULL;
}

/* The other end's port says nothing where that end chose it. */
static char *socket_name(const struct listing *listing, uint64_t inode)
{
    const struct network_socket *one = find_socket(listing, inode);
    if (!one)
        return strdup("socket, local or not connected");
    if (one->listens)
        return text_format("tcp listening on port %u", one->local.port);
    if (listing->listening[one->local.port / 64] >> (one->local.port % 64) & 1)
        return text_format("tcp accepted on port %u", one->local.port);
    if (!one->remote.port)
        return text_format("%s on port %u", one->protocol, one->local.port);
    bool six = strchr(one->remote.address, ':');
    return text_format("%s to %s%s%s:%u", one->protocol, six ? "[" : "", one->remote.address,
                       six ? "]" : "", one->remote.port);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static void name_target(const struct listing *listing, char *link, struct descriptor_group *group)
{
    uint64_t inode;
    group->count = 1;
    if (sscanf(link, "socket:[%" SCNu64 "]", &inode) == 1) {
        group->kind = "socket";
        group->target = socket_name(listing, inode);
    } else if (strncmp(link, "pipe:", 5) == 0) {
        group->kind = "pipe";
        group->target = strdup("pipe");
    } else {
        group->kind = *link == '/' ? "file" : "other";
        group->target = strdup(link);
    }
}

static bool add_descriptor(void *context, const char *name)
{
    struct listing *listing = context;
    pid_t number; /* a descriptor is written as a pid is, but may be 0 */
    if (strcmp(name, "0") != 0 && !process_parse_pid(name, &number))
        return true;
    _cleanup_free_ char *link =
        process_descriptor(listing->files, strcmp(name, "0") == 0 ? 0 : (int)number);
    if (!link)
        return true; /* closed meanwhile */
    struct descriptor_group group;
    name_target(listing, link, &group);
    if (!group.target || !vector_push(listing->groups, group)) {
        free(group.target);
        listing->no_memory = true;
    }
    return !listing->no_memory && listing->groups->count < DESCRIPTORS_MAX;
}

static int compare_groups(const void *left, const void *right)
{
    const struct descriptor_group *a = left, *b = right;
    int kinds = strcmp(a->kind, b->kind);
    return kinds ? kinds : strcmp(a->target, b->target);
}

static void merge(descriptor_vector *groups)
{
    size_t kept = 0;
    if (groups->count)
        qsort(groups->items, groups->count, sizeof *groups->items, compare_groups);
    for (size_t i = 0; i < groups->count; i++) {
        if (kept && compare_groups(&groups->items[kept - 1], &groups->items[i]) == 0) {
            groups->items[kept - 1].count++;
            free(groups->items[i].target);
        } else {
            groups->items[kept++] = groups->items[i];
        }
    }
    groups->count = kept;
}

struct error *descriptors_list(const struct process_files *files, descriptor_vector *groups)
{
    struct listing listing = {.files = files, .groups = groups};
    read_sockets(&listing);
    bool listed = process_files_visit(files, "fd", add_descriptor, &listing);
    int reason = errno;
    vector_free(&listing.sockets);
    if (listing.no_memory)
        return error_no_memory();
    if (!listed)
        return error_new(reason == EACCES ? ERROR_PERMISSION : ERROR_CANNOT_LOOK,
                         "the open descriptors cannot be listed: %s", strerror(reason));
    merge(groups);
    return NULL;
}

void descriptors_free(descriptor_vector *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        free(groups->items[i].target);
    vector_free(groups);
}

/* ---- one descriptor -------------------------------------------------------------------------- */

static char *end_name(const struct end *end)
{
    bool six = strchr(end->address, ':');
    return text_format("%s%s%s:%u", six ? "[" : "", end->address, six ? "]" : "", end->port);
}

static char *ends_of(const struct network_socket *one)
{
    _cleanup_free_ char *local = end_name(&one->local), *remote = end_name(&one->remote);
    if (!local || !remote)
        return NULL;
    return one->remote.port
               ? text_format("%s %s to %s", one->protocol, local, remote)
               : text_format("%s %s%s", one->protocol, local, one->listens ? ", listening" : "");
}

char *descriptor_target(const struct process_files *files, int number)
{
    uint64_t inode;
    char *link = process_descriptor(files, number);
    if (!link || sscanf(link, "socket:[%" SCNu64 "]", &inode) != 1)
        return link;
    struct listing *listing = calloc(1, sizeof *listing);
    const struct network_socket *one = NULL;
    if (listing) {
        listing->files = files;
        read_sockets(listing);
        one = find_socket(listing, inode);
    }
    char *ends = one ? ends_of(one) : NULL;
    if (ends)
        free(link);
    if (listing)
        vector_free(&listing->sockets);
    free(listing);
    return ends ? ends : link;
}
