// The ClientHello the client sends, and how the backend finds its end.
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXTENSION_SERVER_NAME = 0, EXTENSION_GROUPS = 10, EXTENSION_SIGNATURES = 13, EXTENSION_ALPN = 16,
       EXTENSION_VERSIONS = 43, EXTENSION_KEY_SHARE = 51, GROUP_X25519MLKEM768 = 0x11ec, MLKEM_SHARE_BYTES = 1216,
       NAME_DIGITS = 7, PADDING_EXTENSION = 21, PADDING_BYTES = 400 };

static void put(struct hello *hello, const void *bytes, size_t length)
{
    if (hello->length + length > HELLO_MAX_BYTES) {
        fprintf(stderr, "load: the server name is too long\n");
        exit(2);
    }
    memcpy(hello->bytes + hello->length, bytes, length);
    hello->length += length;
}

static void put_byte(struct hello *hello, unsigned value)
{
    put(hello, &(uint8_t){ (uint8_t)value }, 1);
}

static void put_u16(struct hello *hello, size_t value)
{
    put(hello, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

static void put_filler(struct hello *hello, size_t length)
{
    for (size_t i = 0; i < length; i++)
        put_byte(hello, (unsigned)(i * 167 + 13));
}

static void put_extension(struct hello *hello, unsigned type, const char *body, size_t length)
{
    put_u16(hello, type);
    put_u16(hello, length);
    put(hello, body, length);
}

// A length field of two bytes whose value is known once what it counts has been written.
static size_t open_u16(struct hello *hello)
{
    put_u16(hello, 0);
    return hello->length;
}

static void close_u16(struct hello *hello, size_t start)
{
    hello->bytes[start - 2] = (uint8_t)((hello->length - start) >> 8);
    hello->bytes[start - 1] = (uint8_t)(hello->length - start);
}

static void put_server_name(struct hello *hello, const char *sni)
{
    put_u16(hello, EXTENSION_SERVER_NAME);
    put_u16(hello, strlen(sni) + 5);
    put_u16(hello, strlen(sni) + 3);
    put_byte(hello, 0);
    put_u16(hello, strlen(sni));
    const char *digits = strchr(sni, '#');
    hello->digits = digits == NULL ? NULL : hello->bytes + hello->length + (digits - sni);
    put(hello, sni, strlen(sni));
}

static void put_extensions(struct hello *hello, const char *sni)
{
    size_t all = open_u16(hello);
    put_server_name(hello, sni);
    put_extension(hello, EXTENSION_VERSIONS, "\x04\x03\x04\x03\x03", 5);
    put_extension(hello, EXTENSION_GROUPS, "\x00\x06\x11\xec\x00\x1d\x00\x17", 8);
    put_extension(hello, EXTENSION_SIGNATURES, "\x00\x06\x04\x03\x08\x04\x04\x01", 8);
    put_extension(hello, EXTENSION_ALPN, "\x00\x0c\x02h2\x08http/1.1", 14);
    put_u16(hello, EXTENSION_KEY_SHARE);
    size_t shares = open_u16(hello);
    put_u16(hello, 4 + MLKEM_SHARE_BYTES);
    put_u16(hello, GROUP_X25519MLKEM768);
    put_u16(hello, MLKEM_SHARE_BYTES);
    put_filler(hello, MLKEM_SHARE_BYTES);
    close_u16(hello, shares);
    put_u16(hello, PADDING_EXTENSION);
    put_u16(hello, PADDING_BYTES);
    for (int i = 0; i < PADDING_BYTES; i++)
        put_byte(hello, 0);
    close_u16(hello, all);
}

void hello_build(struct hello *hello, const char *sni, uint32_t count)
{
    *hello = (struct hello){ .count = count };
    put(hello, "\x16\x03\x01", 3);
    size_t record = open_u16(hello);
    put(hello, "\x01\x00", 2);                 // client_hello; its length has three bytes, of which the first stays 0.
    size_t message = open_u16(hello);
    put(hello, "\x03\x03", 2);
    put_filler(hello, 32);                     // random
    put_byte(hello, 32);
    put_filler(hello, 32);                     // legacy_session_id
    put(hello, "\x00\x06\x13\x01\x13\x02\x13\x03", 8);
    put(hello, "\x01\x00", 2);                 // legacy_compression_methods: null
    put_extensions(hello, sni);
    close_u16(hello, message);
    close_u16(hello, record);
    if (count > 0 && hello->digits == NULL) {
        fprintf(stderr, "load: --sni-count needs a --sni with seven '#'\n");
        exit(2);
    }
    hello_next_name(hello);
}

void hello_next_name(struct hello *hello)
{
    if (hello->count == 0)
        return;
    // A full-period generator modulo 2^32: the names come in an order no cache can guess.
    hello->next = hello->next * 1664525u + 1013904223u;
    uint32_t number = (uint32_t)((uint64_t)hello->next * hello->count >> 32);
    for (int i = NAME_DIGITS - 1; i >= 0; i--, number /= 10)
        hello->digits[i] = (uint8_t)('0' + number % 10);
}

static long proxy_header_length(const uint8_t *bytes, size_t length)
{
    static const char v1[] = "PROXY ", v2[] = "\r\n\r\n\0\r\nQUIT\n";
    if (length < 16)
        return 0;
    if (memcmp(bytes, v2, sizeof v2 - 1) == 0)
        return 16 + (bytes[14] << 8 | bytes[15]);
    if (memcmp(bytes, v1, sizeof v1 - 1) != 0)
        return -1;
    const uint8_t *end = memmem(bytes, length, "\r\n", 2);
    return end == NULL ? 0 : end + 2 - bytes;
}

long preface_length(const uint8_t *bytes, size_t length, bool expects_proxy)
{
    long header = expects_proxy ? proxy_header_length(bytes, length) : 0;
    if (header < 0 || (expects_proxy && header == 0))
        return header;
    size_t hello = (size_t)header;
    if (length < hello + 5)
        return 0;
    if (bytes[hello] != 0x16)
        return -1;
    size_t all = hello + 5 + ((size_t)bytes[hello + 3] << 8 | bytes[hello + 4]);
    return length < all ? 0 : (long)all;
}
