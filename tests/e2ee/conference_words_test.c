/* What members say to each other when one of them cheats, or the server delivers it late, twice or
 * as something else: everybody is heard as who he is, in his own time, and no further than he may.
 */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"

/* What a member says reaches nobody yet: the server holds it back. */
static struct ic_mls_message hold_back(unsigned who, const struct ic_door_app_message *message)
{
    struct ic_mls_message held = {0};
    const struct ic_say *say;
    assert_int_equal(ic_say_app(of(who), message, IC_SAY_MESSAGE), IC_OK);
    while ((say = ic_conference_next_say(of(who))))
        if (say->type == IC_SAY_MESSAGE) {
            ic_mls_message_clear(&held);
            assert_int_equal(ic_mls_message_copy(&held, say->sealed), IC_OK);
        }
    assert_true(held.len > 0);
    return held;
}

static void hear(unsigned to, struct ic_mls_message *held)
{
    assert_int_equal(ic_conference_hear_message(of(to), ic_mls_message_bytes(held), s.now), IC_OK);
    ic_mls_message_clear(held);
}

static void deliver(unsigned to, struct ic_mls_message *held)
{
    hear(to, held);
    courier_run(&s, s.step);
}

static struct ic_door_app_message chat(const char *text)
{
    return (struct ic_door_app_message){.type = IC_DOOR_APP_CHAT, .chat = ic_bytes_of_text(text)};
}

/* ---- Late ---- */

TEST(words_of_who_is_gone_are_nobodys_also_when_his_place_is_taken)
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), mallory = come_in("Mallory");
    struct ic_door_app_message lie = chat("I resign");
    struct ic_mls_message one = hold_back(mallory, &lie), other = hold_back(mallory, &lie);
    courier_leave(&s, mallory);
    courier_run(&s, SECOND);
    deliver(kofi, &one);
    unsigned layla = come_in("Layla Rahman");
    assert_int_equal(leaf_of(layla), 2); /* Mallory's */
    deliver(kofi, &other);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_CHAT), 0);
    courier_clear(&s);
}

TEST(words_of_the_epoch_before_are_heard_of_who_is_still_there)
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), layla = come_in("Layla Rahman");
    struct ic_door_app_message word = chat("Hello");
    struct ic_mls_message held = hold_back(layla, &word);
    come_in("Sam Porter");
    deliver(kofi, &held);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_CHAT)->leaf, leaf_of(layla));
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(words_of_who_is_gone_are_nobodys_also_when_his_place_is_taken),
          cmocka_unit_test(words_of_the_epoch_before_are_heard_of_who_is_still_there))
