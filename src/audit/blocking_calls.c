#include "audit/blocking_calls.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NETWORK  "it waits for the network"
#define CHILD    "it waits for another process"
#define DATABASE "it waits for the database"
#define HTTP     "a client for asyncio: aiohttp, or httpx.AsyncClient"
#define PROCESS  "await asyncio.create_subprocess_exec(...), and communicate() of what it returns"
#define QUEUE    "asyncio.Queue, between coroutines of one loop"

static const struct blocking_call table[] = {
    {"time.sleep", BLOCKS_UNLESS_ZERO, "it sleeps", "await asyncio.sleep(...)", "secs", 0},
    {"builtins.input", BLOCKS, "it waits for a person", NULL, NULL, 0},
    {"requests.get", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.post", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.put", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.patch", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.delete", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.head", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.options", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.request", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.api.*", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.Session().get", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.Session().post", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.Session().put", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.Session().patch", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.Session().delete", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.Session().head", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.Session().request", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.Session().send", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.session().get", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"requests.session().post", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"httpx.get", BLOCKS, NETWORK, "await of httpx.AsyncClient", NULL, 0},
    {"httpx.post", BLOCKS, NETWORK, "await of httpx.AsyncClient", NULL, 0},
    {"httpx.put", BLOCKS, NETWORK, "await of httpx.AsyncClient", NULL, 0},
    {"httpx.request", BLOCKS, NETWORK, "await of httpx.AsyncClient", NULL, 0},
    {"httpx.Client().get", BLOCKS, NETWORK, "httpx.AsyncClient", NULL, 0},
    {"httpx.Client().post", BLOCKS, NETWORK, "httpx.AsyncClient", NULL, 0},
    {"httpx.Client().request", BLOCKS, NETWORK, "httpx.AsyncClient", NULL, 0},
    {"urllib.request.urlopen", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"urllib.request.urlretrieve", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"http.client.HTTPConnection().request", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"http.client.HTTPConnection().getresponse", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"http.client.HTTPSConnection().request", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"http.client.HTTPSConnection().getresponse", BLOCKS, NETWORK, HTTP, NULL, 0},
    {"subprocess.run", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"subprocess.call", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"subprocess.check_call", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"subprocess.check_output", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"subprocess.getoutput", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"subprocess.getstatusoutput", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"subprocess.Popen().wait", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"subprocess.Popen().communicate", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"os.system", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"os.wait", BLOCKS, CHILD, PROCESS, NULL, 0},
    {"socket.create_connection", BLOCKS, NETWORK, "await asyncio.open_connection(...)", NULL, 0},
    {"socket.getaddrinfo", BLOCKS_FOR_NAMES, NETWORK, "await loop.getaddrinfo(...)", NULL, 0},
    {"socket.gethostbyname", BLOCKS, NETWORK, "await loop.getaddrinfo(...)", NULL, 0},
    {"socket.gethostbyname_ex", BLOCKS, NETWORK, "await loop.getaddrinfo(...)", NULL, 0},
    {"socket.gethostbyaddr", BLOCKS, NETWORK, "await loop.getnameinfo(...)", NULL, 0},
    {"socket.create_connection().recv", BLOCKS, NETWORK, "await loop.sock_recv(...)", NULL, 0},
    {"socket.create_connection().sendall", BLOCKS, NETWORK, "await loop.sock_sendall(...)", NULL,
     0},
    {"smtplib.SMTP", BLOCKS_WITH_ARGUMENT, NETWORK, NULL, "host", 0},
    {"smtplib.SMTP_SSL", BLOCKS_WITH_ARGUMENT, NETWORK, NULL, "host", 0},
    {"smtplib.SMTP().sendmail", BLOCKS, NETWORK, NULL, NULL, 0},
    {"smtplib.SMTP().send_message", BLOCKS, NETWORK, NULL, NULL, 0},
    {"ftplib.FTP", BLOCKS_WITH_ARGUMENT, NETWORK, NULL, "host", 0},
    {"sqlite3.connect().execute", BLOCKS, DATABASE, "aiosqlite", NULL, 0},
    {"sqlite3.connect().executemany", BLOCKS, DATABASE, "aiosqlite", NULL, 0},
    {"sqlite3.connect().executescript", BLOCKS, DATABASE, "aiosqlite", NULL, 0},
    {"sqlite3.connect().commit", BLOCKS, DATABASE, "aiosqlite", NULL, 0},
    {"sqlite3.connect().cursor().execute", BLOCKS, DATABASE, "aiosqlite", NULL, 0},
    {"sqlite3.connect().cursor().fetchall", BLOCKS, DATABASE, "aiosqlite", NULL, 0},
    {"sqlite3.connect", BLOCKS_BRIEFLY, "it opens a database", "aiosqlite", NULL, 0},
    {"psycopg2.connect", BLOCKS, DATABASE, "psycopg 3 or asyncpg", NULL, 0},
    {"psycopg2.connect().cursor().execute", BLOCKS, DATABASE, "psycopg 3 or asyncpg", NULL, 0},
    {"pymysql.connect", BLOCKS, DATABASE, "aiomysql", NULL, 0},
    {"MySQLdb.connect", BLOCKS, DATABASE, "aiomysql", NULL, 0},
    {"queue.Queue().get", BLOCKS_UNLESS_FALSE, "it waits for an item", QUEUE, "block", 0},
    {"queue.Queue().join", BLOCKS, "it waits for other threads", QUEUE, NULL, 0},
    {"queue.SimpleQueue().get", BLOCKS_UNLESS_FALSE, "it waits for an item", QUEUE, "block", 0},
    {"queue.LifoQueue().get", BLOCKS_UNLESS_FALSE, "it waits for an item", QUEUE, "block", 0},
    {"queue.PriorityQueue().get", BLOCKS_UNLESS_FALSE, "it waits for an item", QUEUE, "block", 0},
    {"threading.Event().wait", BLOCKS, "it waits for another thread", "asyncio.Event", NULL, 0},
    {"threading.Thread().join", BLOCKS_BRIEFLY, "it waits for another thread", NULL, NULL, 0},
    {"threading.Condition().wait", BLOCKS, "it waits for another thread", "asyncio.Condition", NULL,
     0},
    {"threading.Barrier().wait", BLOCKS, "it waits for other threads", NULL, NULL, 0},
    {"concurrent.futures.wait", BLOCKS, "it waits for other threads",
     "await asyncio.wait([asyncio.wrap_future(f) for f in futures])", NULL, 0},
    {"concurrent.futures.ThreadPoolExecutor().submit().result", BLOCKS,
     "it waits for another thread", "await asyncio.wrap_future(...)", NULL, 0},
    {"concurrent.futures.ProcessPoolExecutor().submit().result", BLOCKS, CHILD,
     "await asyncio.wrap_future(...)", NULL, 0},
    {"builtins.open().read", BLOCKS_BRIEFLY, "it reads a file", NULL, NULL, 0},
    {"builtins.open().readlines", BLOCKS_BRIEFLY, "it reads a file", NULL, NULL, 0},
    {"builtins.open().write", BLOCKS_BRIEFLY, "it writes a file", NULL, NULL, 0},
    {"shutil.rmtree", BLOCKS_BRIEFLY, "it deletes a tree of files", NULL, NULL, 0},
    {"shutil.copytree", BLOCKS_BRIEFLY, "it copies a tree of files", NULL, NULL, 0},
};

const struct blocking_call *blocking_call_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t length = strlen(table[i].name);
        if (table[i].name[length - 1] == '*' ? strncmp(table[i].name, name, length - 1) == 0
                                             : strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

char *blocking_call_display(const char *name)
{
    static const char builtins[] = "builtins.";
    if (strncmp(name, builtins, sizeof builtins - 1) == 0)
        name += sizeof builtins - 1;
    char *shown = malloc(strlen(name) + 3), *end = shown;
    if (!shown)
        return NULL;
    for (; *name; name++)
        if (*name != '(' && *name != ')')
            *end++ = *name;
    strcpy(end, "()");
    return shown;
}

/* ---- the words of a text --------------------------------------------------------------------- */

#define SLOTS 1024 /* for some hundred words */

struct word_set {
    struct {
        const char *word;
        size_t size;
        bool seen;
    } slots[SLOTS];
};

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The size of the word at `text`, and its hash. */
static size_t read_word(const char *text, const char *end, uint32_t *hash)
{
    const char *p = text;
    for (*hash = 2166136261u; p < end && is_letter(*p); p++)
        *hash = (*hash ^ (unsigned char)*p) * 16777619u;
    return (size_t)(p - text);
}

/* The slot of a word, or the empty one where it would be. */
static size_t slot_of(const struct word_set *set, const char *word, size_t size, uint32_t hash)
{
    size_t i = (hash ^ hash >> 16) % SLOTS;
    while (set->slots[i].word &&
           (set->slots[i].size != size || memcmp(set->slots[i].word, word, size) != 0))
        i = (i + 1) % SLOTS;
    return i;
}

/* The next word of a name; NULL: there are no more. builtins is never written. */
static const char *next_word(const char **name, size_t *size, uint32_t *hash)
{
    static const char builtins[] = "builtins.";
    if (strncmp(*name, builtins, sizeof builtins - 1) == 0)
        *name += sizeof builtins - 1;
    while (**name && !is_letter(**name))
        (*name)++;
    const char *word = *name;
    *size = read_word(word, word + strlen(word), hash);
    *name += *size;
    return *size ? word : NULL;
}

static void add_words(struct word_set *set, const char *name)
{
    size_t size;
    uint32_t hash;
    for (const char *word; (word = next_word(&name, &size, &hash));) {
        size_t i = slot_of(set, word, size, hash);
        set->slots[i].word = word;
        set->slots[i].size = size;
    }
}

static bool has_words(const struct word_set *set, const char *name)
{
    size_t size;
    uint32_t hash;
    for (const char *word; (word = next_word(&name, &size, &hash));) {
        if (!set->slots[slot_of(set, word, size, hash)].seen)
            return false;
    }
    return true;
}

static void see_words(struct word_set *set, const char *text, const char *end)
{
    while (text < end) {
        uint32_t hash;
        size_t size = read_word(text, end, &hash);
        if (size) {
            size_t i = slot_of(set, text, size, hash);
            set->slots[i].seen |= set->slots[i].word != NULL;
        }
        text += size + 1;
    }
}

bool blocking_calls_may_occur(const char *text, size_t size)
{
    static const char *const others[] = {"run_in_executor", "asyncio.to_thread",
                                         "asyncio.run_coroutine_threadsafe"};
    struct word_set set = {0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        add_words(&set, table[i].name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        add_words(&set, others[i]);
    see_words(&set, text, text + size);
    bool may = false;
    for (size_t i = 0; !may && i < sizeof table / sizeof *table; i++)
        may = has_words(&set, table[i].name);
    for (size_t i = 0; !may && i < sizeof others / sizeof *others; i++)
        may = has_words(&set, others[i]);
    return may;
}
