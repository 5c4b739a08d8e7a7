/* Any datagram is refused or read, answered within bounds, and moves no agent without a password.
 */
#include "media/ice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        __builtin_trap();
}

static void answer(const struct ic_stun_message *m, const struct ic_hmac_key *key)
{
    static const enum ic_stun_code codes[] = {IC_STUN_BAD_REQUEST, IC_STUN_UNKNOWN_ATTRIBUTE};
    struct ic_address from = {.family = IC_IPV6, .port = 9};
    uint8_t out[IC_STUN_RESPONSE_MAX];
    struct ic_stun_message back;

    for (size_t i = 0; i < IC_COUNT(codes); i++) {
        size_t len = ic_stun_write_error(out, sizeof out, m, codes[i], key);
        must(len > 0 && ic_stun_parse(&back, (struct ic_bytes){out, len}) == IC_OK);
    }
    must(ic_stun_write_success(out, sizeof out, m, &from, key) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ic_ice_credentials ours = {"evtj", "the fuzzer does not know"};
    static const struct ic_ice_credentials theirs = {"h6vY", "nor this"};
    struct ic_address from = {.family = IC_IPV4, .port = 9};
    struct ic_bytes datagram = {data, size};
    struct ic_stun_message m;
    struct ic_ice_reply reply;
    struct ic_ice ice;

    if (ic_stun_parse(&m, datagram) != IC_OK)
        return 0;
    struct ic_bytes ufrag = ic_stun_receiver_ufrag(&m);
    must(ufrag.len <= m.username.len && m.username.len < size && m.integrity_at < size);
    ic_ice_init(&ice, &ours, &theirs);
    must(ic_ice_receive(&ice, 1, &from, &m, datagram, &reply) == 0 && reply.len == 0);
    must(!ic_ice_knows(&ice, 1, &from));
    answer(&m, &ice.current.key);
    return 0;
}
