/* stun.c - reading and writing Binding messages (RFC 8489 sections 5, 14; RFC 8445 section 16.1).
 */
#include "media/stun.h"

#include "crypto/secret.h"

enum {
    HEADER_LEN = 20,
    ATTR_HEADER_LEN = 4,
    MAGIC = 0x2112A442,
    FINGERPRINT_XOR = 0x5354554E,
    INTEGRITY_ATTR_LEN = ATTR_HEADER_LEN + IC_HMAC_SHA1_LEN,
    FINGERPRINT_ATTR_LEN = ATTR_HEADER_LEN + 4,
    MAPPED_IPV4 = 1,
    MAPPED_IPV6 = 2,

    ATTR_MAPPED_ADDRESS = 0x0001,
    ATTR_USERNAME = 0x0006,
    ATTR_INTEGRITY = 0x0008,
    ATTR_ERROR_CODE = 0x0009,
    ATTR_UNKNOWN = 0x000A,
    ATTR_REALM = 0x0014,
    ATTR_NONCE = 0x0015,
    ATTR_XOR_MAPPED_ADDRESS = 0x0020,
    ATTR_PRIORITY = 0x0024,
    ATTR_USE_CANDIDATE = 0x0025,
    ATTR_OPTIONAL = 0x8000, /* set: may be skipped by those who do not know it */
    ATTR_FINGERPRINT = 0x8028,
    ATTR_CONTROLLED = 0x8029,
    ATTR_CONTROLLING = 0x802A,
};

/* The method Binding with each class, in the order of enum ic_stun_class. */
static const uint16_t TYPES[] = {0x0001, 0x0011, 0x0101, 0x0111};

/* CRC-32 of ISO 3309, four bits at a time. */
static uint32_t crc32(struct ic_bytes bytes)
{
    static const uint32_t TABLE[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= bytes.at[i];
        crc = crc >> 4 ^ TABLE[crc & 15];
        crc = crc >> 4 ^ TABLE[crc & 15];
    }
    return ~crc;
}

/* The integrity covers what is before it, with a length that ends behind it. */
static void compute_integrity(uint8_t tag[IC_HMAC_SHA1_LEN], const uint8_t *message,
                              size_t integrity_at, const struct ic_hmac_key *key)
{
    size_t length = integrity_at + INTEGRITY_ATTR_LEN - HEADER_LEN;
    uint8_t front[4] = {message[0], message[1], (uint8_t)(length >> 8), (uint8_t)length};

    ic_hmac(tag, key,
            (struct ic_bytes[]){{front, sizeof front},
                                {message + sizeof front, integrity_at - sizeof front}},
            2);
}

/* --- reading --- */

/* What a mapped address is hidden with: the cookie, then the transaction. */
static void xor_mask(uint8_t mask[16], const uint8_t transaction[IC_STUN_TRANSACTION_LEN])
{
    struct ic_writer w = ic_writer_of(mask, 16);

    ic_write_uint(&w, MAGIC, 4);
    ic_write_bytes(&w, (struct ic_bytes){transaction, IC_STUN_TRANSACTION_LEN});
}

static void read_mapped(struct ic_stun_message *m, struct ic_reader *v)
{
    struct ic_address address = {0};
    uint8_t mask[16];

    xor_mask(mask, m->transaction);
    ic_read_bytes(v, 1);
    address.family = ic_read_uint(v, 1) == MAPPED_IPV6 ? IC_IPV6 : IC_IPV4;
    address.port = (uint16_t)(ic_read_uint(v, 2) ^ MAGIC >> 16);
    struct ic_bytes ip = ic_read_bytes(v, address.family == IC_IPV6 ? 16 : 4);
    for (size_t i = 0; i < ip.len; i++)
        address.ip[i] = ip.at[i] ^ mask[i];
    m->mapped = address;
}

static void read_error_code(struct ic_stun_message *m, struct ic_reader *v)
{
    ic_read_bytes(v, 2);
    unsigned hundreds = ic_read_uint(v, 1) & 7;
    unsigned rest = (unsigned)ic_read_uint(v, 1);
    ic_read_bytes(v, v->rest.len); /* the reason, for people */
    m->error_code = (uint16_t)(hundreds * 100 + rest);
    if (hundreds < 3 || hundreds > 6 || rest > 99)
        v->bad = true;
}

static void read_role(struct ic_stun_message *m, struct ic_reader *v, enum ic_stun_role role)
{
    m->role = role;
    m->tie_breaker = ic_read_uint(v, 8);
}

static enum ic_err note_attribute(struct ic_stun_message *m, uint16_t type, struct ic_bytes value,
                                  size_t offset)
{
    struct ic_reader v = ic_reader_of(value);

    switch (type) {
    case ATTR_USERNAME:
        m->username = ic_read_bytes(&v, value.len);
        break;
    case ATTR_PRIORITY:
        m->priority = (uint32_t)ic_read_uint(&v, 4);
        break;
    case ATTR_USE_CANDIDATE:
        m->use_candidate = true;
        break;
    case ATTR_CONTROLLED:
        read_role(m, &v, IC_STUN_CONTROLLED);
        break;
    case ATTR_CONTROLLING:
        read_role(m, &v, IC_STUN_CONTROLLING);
        break;
    case ATTR_XOR_MAPPED_ADDRESS:
        read_mapped(m, &v);
        break;
    case ATTR_ERROR_CODE:
        read_error_code(m, &v);
        break;
    case ATTR_INTEGRITY:
        ic_read_bytes(&v, IC_HMAC_SHA1_LEN);
        m->integrity_at = offset;
        break;
    case ATTR_MAPPED_ADDRESS:
    case ATTR_UNKNOWN:
    case ATTR_REALM:
    case ATTR_NONCE:
        return IC_OK; /* known, and of no use here */
    default:
        if (!(type & ATTR_OPTIONAL) && m->unknown_count < IC_STUN_UNKNOWN_MAX)
            m->unknown[m->unknown_count++] = type;
        return IC_OK;
    }
    return v.bad || v.rest.len > 0 ? IC_ERR_MALFORMED : IC_OK;
}

/* The fingerprint is the last attribute and covers all before it. */
static bool fingerprint_holds(struct ic_bytes datagram, struct ic_bytes value, size_t offset)
{
    struct ic_reader v = ic_reader_of(value);
    uint64_t sent = ic_read_uint(&v, 4);

    return value.len == 4 && offset + FINGERPRINT_ATTR_LEN == datagram.len &&
           sent == (crc32((struct ic_bytes){datagram.at, offset}) ^ FINGERPRINT_XOR);
}

static enum ic_err read_attributes(struct ic_stun_message *m, struct ic_bytes datagram,
                                   struct ic_reader *r)
{
    while (r->rest.len > 0) {
        size_t offset = datagram.len - r->rest.len;
        uint16_t type = (uint16_t)ic_read_uint(r, 2);
        size_t len = (size_t)ic_read_uint(r, 2);
        struct ic_bytes value = ic_read_bytes(r, len);
        ic_read_bytes(r, (4 - len % 4) % 4);
        if (r->bad)
            return IC_ERR_MALFORMED;
        if (type == ATTR_FINGERPRINT) {
            if (!fingerprint_holds(datagram, value, offset))
                return IC_ERR_MALFORMED;
            continue;
        }
        /* What follows the integrity is not authenticated, so it does not count. */
        if (m->integrity_at == 0 && note_attribute(m, type, value, offset) != IC_OK)
            return IC_ERR_MALFORMED;
    }
    return IC_OK;
}

enum ic_err ic_stun_parse(struct ic_stun_message *out, struct ic_bytes datagram)
{
    struct ic_reader r = ic_reader_of(datagram);
    struct ic_stun_message m = {0};

    uint64_t type = ic_read_uint(&r, 2);
    uint64_t length = ic_read_uint(&r, 2);
    uint64_t magic = ic_read_uint(&r, 4);
    struct ic_bytes transaction = ic_read_bytes(&r, IC_STUN_TRANSACTION_LEN);
    if (r.bad || magic != MAGIC || length != r.rest.len)
        return IC_ERR_MALFORMED;
    size_t class = 0;
    while (class < IC_COUNT(TYPES) && TYPES[class] != type)
        class ++;
    if (class == IC_COUNT(TYPES))
        return IC_ERR_MALFORMED;
    m.class = (enum ic_stun_class) class;
    memcpy(m.transaction, transaction.at, transaction.len);

    enum ic_err err = read_attributes(&m, datagram, &r);
    if (err == IC_OK)
        *out = m;
    return err;
}

enum ic_err ic_stun_verify(const struct ic_stun_message *message, struct ic_bytes datagram,
                           const struct ic_hmac_key *key)
{
    uint8_t tag[IC_HMAC_SHA1_LEN];

    if (message->integrity_at == 0)
        return IC_ERR_FORGED;
    compute_integrity(tag, datagram.at, message->integrity_at, key);
    const uint8_t *sent = datagram.at + message->integrity_at + ATTR_HEADER_LEN;
    return ic_secret_equal(tag, sent, sizeof tag) ? IC_OK : IC_ERR_FORGED;
}

struct ic_bytes ic_stun_receiver_ufrag(const struct ic_stun_message *message)
{
    struct ic_bytes name = message->username;
    const uint8_t *colon = name.len > 0 ? memchr(name.at, ':', name.len) : NULL;

    return colon ? (struct ic_bytes){name.at, (size_t)(colon - name.at)} : (struct ic_bytes){0};
}

/* --- writing --- */

static struct ic_writer begin(uint8_t *out, size_t size, enum ic_stun_class class,
                              const uint8_t transaction[IC_STUN_TRANSACTION_LEN])
{
    struct ic_writer w = ic_writer_of(out, size);

    ic_write_uint(&w, TYPES[class], 2);
    ic_write_uint(&w, 0, 2); /* the length comes last */
    ic_write_uint(&w, MAGIC, 4);
    ic_write_bytes(&w, (struct ic_bytes){transaction, IC_STUN_TRANSACTION_LEN});
    return w;
}

static void write_attribute(struct ic_writer *w, uint16_t type, struct ic_bytes value)
{
    ic_write_uint(w, type, 2);
    ic_write_uint(w, value.len, 2);
    ic_write_bytes(w, value);
    ic_write_uint(w, 0, (4 - value.len % 4) % 4);
}

static void write_uint_attribute(struct ic_writer *w, uint16_t type, uint64_t value, size_t size)
{
    ic_write_uint(w, type, 2);
    ic_write_uint(w, size, 2);
    ic_write_uint(w, value, size);
}

static void write_mapped(struct ic_writer *w, const struct ic_address *address,
                         const uint8_t transaction[IC_STUN_TRANSACTION_LEN])
{
    bool ipv6 = address->family == IC_IPV6;
    size_t ip_len = ipv6 ? 16 : 4;
    uint8_t mask[16];

    xor_mask(mask, transaction);
    for (size_t i = 0; i < ip_len; i++)
        mask[i] ^= address->ip[i];
    ic_write_uint(w, ATTR_XOR_MAPPED_ADDRESS, 2);
    ic_write_uint(w, 4 + ip_len, 2);
    ic_write_uint(w, ipv6 ? MAPPED_IPV6 : MAPPED_IPV4, 2);
    ic_write_uint(w, address->port ^ MAGIC >> 16, 2);
    ic_write_bytes(w, (struct ic_bytes){mask, ip_len});
}

static void set_length(struct ic_writer *w)
{
    size_t length = w->len - HEADER_LEN;

    w->at[2] = (uint8_t)(length >> 8);
    w->at[3] = (uint8_t)length;
}

/* Integrity and fingerprint; the length of the whole, or 0. */
static size_t end(struct ic_writer *w, const struct ic_hmac_key *key)
{
    uint8_t tag[IC_HMAC_SHA1_LEN];

    if (w->bad || w->size - w->len < INTEGRITY_ATTR_LEN + FINGERPRINT_ATTR_LEN)
        return 0;
    compute_integrity(tag, w->at, w->len, key);
    write_attribute(w, ATTR_INTEGRITY, (struct ic_bytes){tag, sizeof tag});
    size_t covered = w->len;
    write_uint_attribute(w, ATTR_FINGERPRINT, 0, 4);
    set_length(w);
    uint32_t crc = crc32((struct ic_bytes){w->at, covered}) ^ FINGERPRINT_XOR;
    w->len = covered;
    write_uint_attribute(w, ATTR_FINGERPRINT, crc, 4);
    return w->len;
}

size_t ic_stun_write_check(uint8_t *out, size_t size, const struct ic_stun_check *check,
                           const struct ic_hmac_key *key)
{
    struct ic_writer w = begin(out, size, IC_STUN_REQUEST, check->transaction);

    write_attribute(&w, ATTR_USERNAME, check->username);
    write_uint_attribute(&w, ATTR_PRIORITY, check->priority, 4);
    write_uint_attribute(&w, ATTR_CONTROLLING, check->tie_breaker, 8);
    if (check->use_candidate)
        write_attribute(&w, ATTR_USE_CANDIDATE, (struct ic_bytes){0});
    return end(&w, key);
}

size_t ic_stun_write_success(uint8_t *out, size_t size, const struct ic_stun_message *request,
                             const struct ic_address *mapped, const struct ic_hmac_key *key)
{
    struct ic_writer w = begin(out, size, IC_STUN_SUCCESS, request->transaction);

    write_mapped(&w, mapped, request->transaction);
    return end(&w, key);
}

static const char *reason_of(enum ic_stun_code code)
{
    switch (code) {
    case IC_STUN_BAD_REQUEST:
        return "Bad Request";
    case IC_STUN_UNAUTHENTICATED:
        return "Unauthenticated";
    case IC_STUN_UNKNOWN_ATTRIBUTE:
        return "Unknown Attribute";
    case IC_STUN_ROLE_CONFLICT:
        return "Role Conflict";
    }
    return "";
}

static void write_error_code(struct ic_writer *w, enum ic_stun_code code)
{
    struct ic_bytes reason = ic_bytes_of_text(reason_of(code));

    ic_write_uint(w, ATTR_ERROR_CODE, 2);
    ic_write_uint(w, 4 + reason.len, 2);
    ic_write_uint(w, (unsigned)code / 100, 3);
    ic_write_uint(w, (unsigned)code % 100, 1);
    ic_write_bytes(w, reason);
    ic_write_uint(w, 0, (4 - reason.len % 4) % 4);
}

size_t ic_stun_write_error(uint8_t *out, size_t size, const struct ic_stun_message *request,
                           enum ic_stun_code code, const struct ic_hmac_key *key)
{
    struct ic_writer w = begin(out, size, IC_STUN_ERROR, request->transaction);
    uint8_t types[2 * IC_STUN_UNKNOWN_MAX];
    struct ic_writer list = ic_writer_of(types, sizeof types);

    write_error_code(&w, code);
    if (code == IC_STUN_UNKNOWN_ATTRIBUTE) {
        for (size_t i = 0; i < request->unknown_count; i++)
            ic_write_uint(&list, request->unknown[i], 2);
        write_attribute(&w, ATTR_UNKNOWN, ic_written(&list));
    }
    return end(&w, key);
}
