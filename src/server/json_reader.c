/* json_reader.c - RFC 8259 without what messages hardly have. Each read_...() begins at the first
 * byte of its value and ends behind the last. */
#include "server/json_reader.h"

enum { DIGITS_MAX = 18 }; /* what any json_int_t holds */

struct reader {
    const char *at, *end;
    int depth_left;
};

static json_t *read_value(struct reader *r);

static void skip_space(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* Eight bytes at a time: the lowest that is below a space borrows into its own highest bit, which
 * is set in what is beyond ASCII. What that does to the bytes above it does not matter any more. */
static bool is_plain(const char *at, size_t len)
{
    static const uint64_t spaces = UINT64_C(0x2020202020202020),
                          high = UINT64_C(0x8080808080808080);
    uint64_t all = 0, eight;

    if (memchr(at, '\\', len))
        return false;
    for (; len >= sizeof eight; at += sizeof eight, len -= sizeof eight) {
        memcpy(&eight, at, sizeof eight);
        all |= eight | (eight - spaces);
    }
    eight = spaces;
    memcpy(&eight, at, len);
    all |= eight | (eight - spaces);
    return (all & high) == 0;
}

/* What is between the quotes. */
static bool read_text(struct reader *r, struct ic_bytes *out)
{
    if (!take(r, '"'))
        return false;
    const char *start = r->at, *quote = memchr(start, '"', (size_t)(r->end - start));
    if (!quote || !is_plain(start, (size_t)(quote - start)))
        return false;
    *out = (struct ic_bytes){(const uint8_t *)start, (size_t)(quote - start)};
    r->at = quote + 1;
    return true;
}

static json_t *read_string(struct reader *r)
{
    struct ic_bytes text;
    return read_text(r, &text) ? json_stringn_nocheck((const char *)text.at, text.len) : NULL;
}

/* Whatever goes on behind the digits is no end of a value. */
static json_t *read_number(struct reader *r)
{
    bool negative = *r->at == '-';
    const char *digits = r->at += negative;
    json_int_t number = 0;

    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && r->at - digits < DIGITS_MAX)
        number = number * 10 + (*r->at++ - '0');
    bool padded = r->at - digits > 1 && *digits == '0';
    return r->at == digits || padded ? NULL : json_integer(negative ? -number : number);
}

static json_t *read_word(struct reader *r, const char *word, json_t *value)
{
    size_t len = strlen(word);

    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return NULL;
    r->at += len;
    return value;
}

/* Adds what comes next; false where that is no member, or of a key that was there. */
static bool read_member(struct reader *r, json_t *object)
{
    struct ic_bytes key;
    json_t *value;

    if (!read_text(r, &key) || !take(r, ':') || !(value = read_value(r)))
        return false;
    if (json_object_getn(object, (const char *)key.at, key.len) == NULL)
        return json_object_setn_new_nocheck(object, (const char *)key.at, key.len, value) == 0;
    json_decref(value);
    return false;
}

static bool read_item(struct reader *r, json_t *array)
{
    return json_array_append_new(array, read_value(r)) == 0;
}

/* An object or an array, which is `into`. */
static json_t *read_list(struct reader *r, char close, json_t *into,
                         bool (*read)(struct reader *, json_t *))
{
    bool good = into != NULL && r->depth_left-- > 0;

    r->at++;
    if (good && !take(r, close)) {
        do
            good = read(r, into);
        while (good && take(r, ','));
        good = good && take(r, close);
    }
    r->depth_left++;
    if (good)
        return into;
    json_decref(into);
    return NULL;
}

static json_t *read_value(struct reader *r)
{
    skip_space(r);
    if (r->at == r->end)
        return NULL;
    switch (*r->at) {
    case '{':
        return read_list(r, '}', json_object(), read_member);
    case '[':
        return read_list(r, ']', json_array(), read_item);
    case '"':
        return read_string(r);
    case 't':
        return read_word(r, "true", json_true());
    case 'f':
        return read_word(r, "false", json_false());
    default:
        return read_number(r);
    }
}

json_t *ic_json_read(const char *text, size_t len, int depth_max)
{
    struct reader r = {.at = text, .end = text + len, .depth_left = depth_max};

    skip_space(&r);
    json_t *root = r.at < r.end && *r.at == '{' ? read_value(&r) : NULL;
    skip_space(&r);
    if (r.at == r.end)
        return root;
    json_decref(root);
    return NULL;
}
