// Names and the ClientHello.
#define _GNU_SOURCE
#include "limit.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

// Open addressing over the file's text, one name a line.
static const char *Names;
static uint32_t *Slots, SlotMask;

static uint32_t hash_name(const char *name, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)tolower(name[i])) * 16777619u;
    return hash ^ hash >> 15;
}

static size_t line_length(const char *line) { return strcspn(line, "\n"); }

static bool has_name(const char *name, size_t length)
{
    for (uint32_t i = hash_name(name, length) & SlotMask; Slots[i] != 0; i = (i + 1) & SlotMask) {
        const char *known = Names + Slots[i] - 1;
        if (strncasecmp(known, name, length) == 0 && known[length] == '\n')
            return true;
    }
    return false;
}

static const char *read_file(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &status) < 0)
        die(path);
    char *text = calloc((size_t)status.st_size + 2, 1);
    for (size_t have = 0; have < (size_t)status.st_size;) {
        ssize_t got = read(fd, text + have, (size_t)status.st_size - have);
        if (got <= 0)
            die(path);
        have += (size_t)got;
    }
    text[status.st_size] = '\n';
    close(fd);
    return text;
}

void load_names(const char *path)
{
    const char *text = read_file(path);
    size_t count = 0;
    for (const char *at = strchr(text, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        count++;
    uint32_t size = 16;
    while (size < count * 2)
        size *= 2;
    Names = text, SlotMask = size - 1, Slots = calloc(size, sizeof *Slots);
    for (const char *line = text; *line != 0; line += line_length(line) + 1) {
        uint32_t i = hash_name(line, line_length(line)) & SlotMask;
        while (Slots[i] != 0)
            i = (i + 1) & SlotMask;
        Slots[i] = (uint32_t)(line - text) + 1;
    }
}

struct cursor { const uint8_t *at, *end; };

static bool skip(struct cursor *cursor, size_t length)
{
    bool fits = (size_t)(cursor->end - cursor->at) >= length;
    cursor->at = fits ? cursor->at + length : cursor->end;
    return fits;
}

static bool read_uint(struct cursor *cursor, int bytes, size_t *value)
{
    const uint8_t *from = cursor->at;
    *value = 0;
    if (!skip(cursor, (size_t)bytes))
        return false;
    for (int i = 0; i < bytes; i++)
        *value = *value << 8 | from[i];
    return true;
}

static bool read_vector(struct cursor *cursor, int length_bytes, struct cursor *vector)
{
    size_t length;
    if (!read_uint(cursor, length_bytes, &length))
        return false;
    *vector = (struct cursor){ cursor->at, cursor->at + length };
    return skip(cursor, length);
}

static bool find_server_name(const uint8_t *hello, size_t length, struct cursor *name)
{
    struct cursor record = { hello + 5, hello + length }, message, ignored, extensions, body, list;
    size_t type;
    if (!read_uint(&record, 1, &type) || type != 1 || !read_vector(&record, 3, &message) || !skip(&message, 34) || !read_vector(&message, 1, &ignored)
        || !read_vector(&message, 2, &ignored) || !read_vector(&message, 1, &ignored) || !read_vector(&message, 2, &extensions))
        return false;
    while (read_uint(&extensions, 2, &type) && read_vector(&extensions, 2, &body))
        if (type == 0)
            return read_vector(&body, 2, &list) && read_uint(&list, 1, &type) && type == 0 && read_vector(&list, 2, name);
    return false;
}

bool has_route(const uint8_t *hello, size_t length)
{
    struct cursor name;
    return find_server_name(hello, length, &name) && has_name((const char *)name.at, (size_t)(name.end - name.at));
}
