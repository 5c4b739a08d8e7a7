/* door_rig.h - a meeting, its people and their keys, for the tests of the door. */
#pragma once

#include <stdlib.h>

#include "e2ee/door/state.h"
#include "tests/test.h"

enum { ROOT, HOST, COHOST, GUEST, OTHER, NEWCOMER, PEOPLE };

static const uint8_t MEETING[IC_MEETING_LEN] = {7, 7, 7};
static const struct ic_bytes GROUP = {MEETING, sizeof MEETING};
static const uint8_t PARTICIPANT[IC_PARTICIPANT_LEN] = {9, 9};

static uint8_t rig_private[PEOPLE][32], rig_public[PEOPLE][32];

static inline struct ic_bytes key_of(int who)
{
    if (rig_private[who][0] == 0) {
        memset(rig_private[who], who + 1, 32);
        assert_int_equal(ic_signature_public(rig_public[who], IC_SIGNATURE_ED25519,
                                             (struct ic_bytes){rig_private[who], 32}),
                         IC_OK);
    }
    return (struct ic_bytes){rig_public[who], 32};
}

static inline struct ic_door_pair pair_of(int who)
{
    return (struct ic_door_pair){key_of(who), {rig_private[who], 32}};
}

/* As `giver` signs it: ROOT for the root key. */
static inline void put_grant(struct ic_writer *w, int member, int giver, uint8_t rights,
                             uint32_t link_version)
{
    const struct ic_door_grant grant = {
        .meeting = GROUP,
        .rights = rights,
        .link_version = link_version,
        .member = key_of(member),
        .giver = giver == ROOT ? (struct ic_bytes){0} : key_of(giver),
    };
    struct ic_door_pair pair = pair_of(giver);
    assert_int_equal(ic_door_write_grant(w, &grant, &pair), IC_OK);
}

/* The host may all, the co-host admits and removes. */
static inline struct ic_bytes usual_grants(void)
{
    static uint8_t room[1024];
    struct ic_writer w = ic_writer_of(room, sizeof room);
    put_grant(&w, HOST, ROOT, IC_DOOR_ALL_RIGHTS, 1);
    put_grant(&w, COHOST, HOST, IC_DOOR_ADMIT | IC_DOOR_REMOVE, 1);
    return ic_written(&w);
}

static const uint8_t NO_HASH[IC_DOOR_STATE_HASH_LEN];

/* Version 1, of the host. */
static inline struct ic_door_state usual_state(void)
{
    return (struct ic_door_state){
        .version = 1,
        .previous = {NO_HASH, sizeof NO_HASH},
        .root_key = key_of(ROOT),
        .flags = IC_DOOR_WAITING_ROOM,
        .link_version = 1,
        .least_strength_bits = 128,
        .everyone = IC_DOOR_MAY_SPEAK | IC_DOOR_MAY_VIDEO | IC_DOOR_MAY_CHAT,
        .grants = usual_grants(),
        .signer = key_of(HOST),
    };
}

/* Signed by `who` and read back, so that it is whole. In memory of its own, to be freed. */
static inline uint8_t *signed_state(struct ic_door_state *out, const struct ic_door_state *state,
                                    int who)
{
    uint8_t *room = malloc(IC_DOOR_STATE_MAX);
    struct ic_writer w = ic_writer_of(room, IC_DOOR_STATE_MAX);
    struct ic_door_pair pair = pair_of(who);
    assert_int_equal(ic_door_write_state(&w, state, GROUP, &pair), IC_OK);
    struct ic_reader r = ic_reader_of(ic_written(&w));
    ic_door_read_state(&r, out);
    assert_false(r.bad);
    return room;
}

/* In a fresh allocation of exactly that length, so that the sanitizer sees a read past it. */
static inline uint8_t *exact_copy(struct ic_bytes bytes)
{
    uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
    assert_non_null(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.at, bytes.len);
    return copy;
}

typedef enum ic_err rig_open(struct ic_bytes bytes);

/* Cut after any byte, with a byte more, and with one bit changed in each `step`th byte: refused. */
static inline void check_damage(struct ic_bytes good, rig_open *open, size_t step)
{
    assert_int_equal(open(good), IC_OK);
    for (size_t len = 0; len < good.len; len += step) {
        uint8_t *cut = exact_copy((struct ic_bytes){good.at, len});
        if (open((struct ic_bytes){cut, len}) == IC_OK)
            fail_msg("cut to %zu", len);
        free(cut);
    }
    uint8_t *changed = malloc(good.len + 1);
    memcpy(changed, good.at, good.len);
    changed[good.len] = 0;
    assert_int_not_equal(open((struct ic_bytes){changed, good.len + 1}), IC_OK);
    for (size_t i = 0; i < good.len; i += step) {
        changed[i] ^= (uint8_t)(1 << i % 8);
        if (open((struct ic_bytes){changed, good.len}) == IC_OK)
            fail_msg("changed at %zu", i);
        changed[i] ^= (uint8_t)(1 << i % 8);
    }
    free(changed);
}
