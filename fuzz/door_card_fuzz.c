/* door_card_fuzz.c - a card as somebody with the link could seal it: read, verified against a pin
 * that is not the fuzzer's, and so never believed. The same bytes as a sealed card never open. */
#include "e2ee/door/card.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t MEETING[IC_MEETING_LEN] = {7, 7, 7}, PIN[IC_DOOR_PIN_LEN] = {1};
    static const uint8_t KEY[IC_DOOR_CARD_KEY_LEN] = {0xee};
    static uint8_t buffer[IC_DOOR_CARD_SEALED_MAX];
    struct ic_bytes bytes = {data, size};
    struct ic_reader r = ic_reader_of(bytes);
    uint8_t pin[IC_DOOR_PIN_LEN];
    struct ic_door_card card;

    if (ic_door_card_open(&card, buffer, bytes, MEETING, KEY) == IC_OK)
        abort();
    ic_door_read_card(&r, &card);
    if (r.bad)
        return 0;
    if (ic_door_card_verify(&card, MEETING, PIN, 0) == IC_OK)
        abort();
    ic_door_pin(pin, card.root_key.at); /* past the pin, to the rest of the checks */
    if (ic_door_card_verify(&card, MEETING, pin, 0) == IC_OK && card.signature.len == 0)
        abort();
    return 0;
}
