/* Both ends of every pointing must agree, whatever the order of joining, pointing and leaving. */
#include "worker/room.h"

#include "tests/test.h"

enum { MEMBERS = 6, SLOTS = 4 };

static struct ic_rooms rooms;
static struct ic_member members[MEMBERS];
static unsigned losses;

static void reset(void)
{
    memset(&rooms, 0, sizeof rooms);
    memset(members, 0, sizeof members);
    losses = 0;
}

static void note_loss(void *context, struct ic_member *member, uint32_t slot)
{
    assert_non_null(member->pointings[slot].source);
    assert_ptr_equal(context, &losses);
    losses++;
}

static void leave(struct ic_member *m)
{
    ic_room_leave(&rooms, m, note_loss, &losses);
}

static void leave_all(void)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (members[i].room)
            leave(&members[i]);
}

/* Every pointing has its taker and every taker its pointing. */
static void check_agreement(void)
{
    size_t pointings = 0, takers = 0;

    for (size_t m = 0; m < MEMBERS; m++) {
        for (uint32_t slot = 0; slot < IC_SLOTS_MAX; slot++) {
            const struct ic_pointing *p = &members[m].pointings[slot];
            if (!p->source)
                continue;
            assert_ptr_equal(p->source->room, members[m].room);
            assert_true(p->place < p->source->fanouts[p->stream].count);
            struct ic_taker t = p->source->fanouts[p->stream].takers[p->place];
            assert_ptr_equal(t.member, &members[m]);
            assert_int_equal(t.slot, slot);
            pointings++;
        }
        for (size_t stream = 0; stream < IC_STREAMS; stream++)
            takers += members[m].fanouts[stream].count;
    }
    assert_int_equal(pointings, takers);
}

TEST(room_exists_while_it_has_members)
{
    reset();
    assert_int_equal(ic_room_join(&rooms, 5, &members[0]), IC_OK);
    assert_int_equal(ic_room_join(&rooms, 5, &members[1]), IC_OK);
    assert_int_equal(ic_room_join(&rooms, 6, &members[2]), IC_OK);
    assert_int_equal(rooms.count, 2);
    assert_ptr_equal(members[0].room, members[1].room);
    assert_int_equal(members[0].room->count, 2);
    leave(&members[0]);
    leave(&members[1]);
    assert_int_equal(rooms.count, 1);
    leave(&members[2]);
    assert_int_equal(rooms.count, 0);
    assert_null(rooms.first);
}

TEST(room_does_not_point_a_slot_into_another_room)
{
    reset();
    assert_int_equal(ic_room_join(&rooms, 1, &members[0]), IC_OK);
    assert_int_equal(ic_room_join(&rooms, 1, &members[1]), IC_OK);
    assert_int_equal(ic_room_join(&rooms, 2, &members[2]), IC_OK);
    assert_int_equal(ic_room_point(&members[0], 0, &members[1], 0), IC_OK);
    assert_int_equal(ic_room_point(&members[0], 0, &members[2], 0), IC_ERR_FORBIDDEN);
    assert_null(members[0].pointings[0].source);
    assert_int_equal(members[1].fanouts[0].count, 0);
    check_agreement();
    leave_all();
}

TEST(room_silences_every_slot_of_a_source_that_leaves)
{
    reset();
    for (size_t i = 0; i < MEMBERS; i++)
        assert_int_equal(ic_room_join(&rooms, 1, &members[i]), IC_OK);
    for (size_t i = 1; i < MEMBERS; i++) {
        assert_int_equal(ic_room_point(&members[i], 0, &members[0], 1), IC_OK);
        assert_int_equal(ic_room_point(&members[i], 1, &members[0], 2), IC_OK);
    }
    leave(&members[0]);
    assert_int_equal(losses, 2 * (MEMBERS - 1));
    check_agreement();
    for (size_t i = 1; i < MEMBERS; i++)
        assert_null(members[i].pointings[0].source);
    leave_all();
}

static void point(struct ic_member *m, uint32_t slot, struct ic_member *source, uint8_t stream)
{
    bool same_room = source->room == m->room;

    assert_int_equal(ic_room_point(m, slot, source, stream), same_room ? IC_OK : IC_ERR_FORBIDDEN);
    assert_ptr_equal(m->pointings[slot].source, same_room ? source : NULL);
    assert_int_equal(m->pointings[slot].stream, same_room ? stream : 0);
}

static void change_something(uint32_t random)
{
    struct ic_member *m = &members[random % MEMBERS];
    struct ic_member *source = &members[random / 8 % MEMBERS];

    if (!m->room)
        assert_int_equal(ic_room_join(&rooms, 1 + random / 64 % 2, m), IC_OK);
    else if (random / 64 % 8 == 0)
        leave(m);
    else if (random / 64 % 8 == 1 || !source->room)
        assert_int_equal(ic_room_point(m, random / 512 % SLOTS, NULL, 0), IC_OK);
    else
        point(m, random / 512 % SLOTS, source, random / 2048 % IC_STREAMS);
}

TEST(room_keeps_both_ends_in_agreement_through_random_changes)
{
    uint32_t seed = 11;

    reset();
    for (int step = 0; step < 30000; step++) {
        seed = seed * 1664525 + 1013904223;
        change_something(seed >> 8);
        check_agreement();
    }
    leave_all();
    assert_int_equal(rooms.count, 0);
}

RUN_TESTS(cmocka_unit_test(room_exists_while_it_has_members),
          cmocka_unit_test(room_does_not_point_a_slot_into_another_room),
          cmocka_unit_test(room_silences_every_slot_of_a_source_that_leaves),
          cmocka_unit_test(room_keeps_both_ends_in_agreement_through_random_changes))
