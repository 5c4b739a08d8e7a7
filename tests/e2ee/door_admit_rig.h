/* door_admit_rig.h - admit keys and a card that names them, for the tests of card and knock. */
#pragma once

#include "crypto/random.h"
#include "e2ee/door/card.h"
#include "tests/e2ee/door_rig.h"

enum { ADMITTERS = 2 };
static const uint8_t SECRET[IC_LINK_SECRET_LEN] = {0x5e, 0xc4};
static uint8_t admit_private[ADMITTERS][IC_KEM_PRIVATE_MAX];
static uint8_t admit_public[ADMITTERS][IC_KEM_PUBLIC_MAX];
static uint8_t admit_room[4096];
static struct ic_bytes admit_keys;

/* Host and co-host. To be called first. */
static inline void make_admit_keys(void)
{
    struct ic_writer w = ic_writer_of(admit_room, sizeof admit_room);

    if (!ic_kem_available(IC_KEM_XWING))
        skip();
    for (int i = 0; i < ADMITTERS; i++) {
        const uint8_t ikm[32] = {(uint8_t)(i + 1)};
        assert_int_equal(ic_kem_derive(admit_private[i], admit_public[i], IC_KEM_XWING,
                                       (struct ic_bytes){ikm, sizeof ikm}),
                         IC_OK);
        const struct ic_door_admit_key key = {key_of(HOST + i),
                                              {admit_public[i], IC_KEM_PUBLIC_MAX}};
        ic_door_write_admit_key(&w, &key);
    }
    assert_false(w.bad);
    admit_keys = ic_written(&w);
}

static inline struct ic_bytes admit_private_of(int i)
{
    return (struct ic_bytes){admit_private[i], ic_kem_lengths(IC_KEM_XWING).private_len};
}
