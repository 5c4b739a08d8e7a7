/* door_full_state.h - a state that has something in every field, for the tests of its format and
 * for the seeds of its fuzzers. */
#pragma once

#include "e2ee/mls/codec.h"
#include "tests/e2ee/door_rig.h"

static const uint8_t FULL_SECRET[IC_LINK_SECRET_LEN] = {5}, FULL_PASSCODE[IC_DOOR_PSK_LEN] = {3};

/* In `room`. The second is used by `user`. */
static inline struct ic_bytes full_invites(uint8_t *room, size_t size, int user)
{
    static const uint8_t SALT[IC_DOOR_INVITE_SALT_LEN] = {4};
    struct ic_writer w = ic_writer_of(room, size);
    struct ic_door_invite_bytes bytes;
    struct ic_door_invite invite = {
        .number = 1, .maker = key_of(HOST), .salt = {SALT, sizeof SALT}};

    assert_int_equal(ic_door_invite_fill(&invite, &bytes, FULL_SECRET, MEETING), IC_OK);
    ic_door_write_invite(&w, &invite);
    invite.number = 2;
    invite.user = key_of(user);
    ic_door_write_invite(&w, &invite);
    return ic_written(&w);
}

static inline struct ic_door_state full_state(void)
{
    static const uint8_t LINES[] = {0, 1, 0, 0, 0, 5, 0, 9, 0, 0, 1, 0};
    static uint8_t named[128], invites[512];
    struct ic_writer w = ic_writer_of(named, sizeof named);
    struct ic_door_state state = usual_state();

    ic_door_write_named(&w, &(struct ic_door_named){key_of(GUEST), IC_DOOR_MAY_SPEAK});
    state.lines = (struct ic_bytes){LINES, sizeof LINES};
    state.named = ic_written(&w);
    state.recorder = key_of(OTHER);
    state.least_post_quantum = true;
    state.preset = 3;
    state.flags = IC_DOOR_STATE_FLAGS;
    state.passcode_key = (struct ic_bytes){FULL_PASSCODE, sizeof FULL_PASSCODE};
    state.invites = full_invites(invites, sizeof invites, GUEST);
    state.title = ic_bytes_of_text("Placement review");
    return state;
}
