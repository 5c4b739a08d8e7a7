/* text.c - UTF-8 (RFC 3629), and which of its characters may be shown. */
#include "e2ee/door/text.h"

enum kind { VISIBLE, BLANK, JOINER, LINE_FEED, REFUSED };

struct range {
    uint32_t first, last;
};

/* Controls, directions, separators that break lines, and what has no look of its own. */
static const struct range REFUSALS[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},    {0x034f, 0x034f},
    {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},    {0x180b, 0x180f},
    {0x200b, 0x200b},   {0x200e, 0x200f},   {0x2028, 0x202e},    {0x2060, 0x206f},
    {0x3164, 0x3164},   {0xd800, 0xdfff},   {0xfdd0, 0xfdef},    {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},    {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
};
static const struct range BLANKS[] = {
    {0x0020, 0x0020}, {0x00a0, 0x00a0}, {0x1680, 0x1680}, {0x2000, 0x200a},
    {0x202f, 0x202f}, {0x205f, 0x205f}, {0x2800, 0x2800}, {0x3000, 0x3000},
};

static bool within(uint32_t character, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

static enum kind kind_of(uint32_t character)
{
    if (character == '\n')
        return LINE_FEED;
    if (within(character, REFUSALS, IC_COUNT(REFUSALS)))
        return REFUSED;
    if (within(character, BLANKS, IC_COUNT(BLANKS)))
        return BLANK;
    /* Joiners, and what chooses a glyph: fine, but alone they show nothing. */
    return character == 0x200c || character == 0x200d ||
                   (character >= 0xfe00 && character <= 0xfe0f)
               ? JOINER
               : VISIBLE;
}

/* The shortest form only. Sets `bad` at the first byte that is none. */
static uint32_t next_character(struct ic_reader *r)
{
    static const uint32_t LEAST[] = {0, 0x80, 0x800, 0x10000};
    uint8_t first = (uint8_t)ic_read_uint(r, 1);
    size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint32_t character = more == 0 ? first : first & (0x3fu >> more);

    if (first > 0xf7 || (first >= 0x80 && first < 0xc0))
        r->bad = true;
    for (size_t i = 0; i < more; i++) {
        uint8_t next = (uint8_t)ic_read_uint(r, 1);
        if ((next & 0xc0) != 0x80)
            r->bad = true;
        character = character << 6 | (next & 0x3f);
    }
    if (character < LEAST[more] || character > 0x10ffff)
        r->bad = true;
    return character;
}

static bool is_shown(struct ic_bytes text, size_t max, bool one_line)
{
    struct ic_reader r = ic_reader_of(text);
    enum kind last = BLANK;
    size_t count = 0, visible = 0;

    while (r.rest.len > 0) {
        enum kind kind = kind_of(next_character(&r));
        if (r.bad || ++count > max || kind == REFUSED)
            return false;
        if (one_line && (kind == LINE_FEED || (kind == BLANK && count == 1)))
            return false;
        visible += kind == VISIBLE;
        last = kind;
    }
    return visible > 0 && !(one_line && last == BLANK);
}

bool ic_door_is_name(struct ic_bytes text, size_t max)
{
    return is_shown(text, max, true);
}

bool ic_door_is_text(struct ic_bytes text, size_t max)
{
    return is_shown(text, max, false);
}

bool ic_door_is_blank(struct ic_bytes text)
{
    struct ic_reader r = ic_reader_of(text);

    while (r.rest.len > 0) {
        uint32_t character = next_character(&r);
        if (r.bad || kind_of(character) == VISIBLE)
            return false;
    }
    return true;
}
