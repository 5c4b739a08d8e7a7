/* Extended numbers begin one rollover up, so that what was sent before the first packet we saw
 * still has a number. Reports take that away again. */
#include "media/reception.h"

enum {
    AHEAD_MAX = 3000,  /* RFC 3550 appendix A.1, MAX_DROPOUT */
    BEHIND_MAX = 1024, /* as much as a layer's history */
    ROLLOVER = 1 << 16,
};

void ic_reception_init(struct ic_reception *r, uint32_t clock_hz)
{
    *r = (struct ic_reception){.clock_hz = clock_hz};
}

static void begin(struct ic_reception *r, uint16_t seq, uint32_t timestamp, int64_t now)
{
    uint32_t clock_hz = r->clock_hz;
    *r = (struct ic_reception){.started = true, .clock_hz = clock_hz, .received = 1};
    r->first = ROLLOVER + seq;
    r->newest = r->first;
    r->transit = ic_rtp_ticks(now, r->clock_hz) - timestamp;
}

/* RFC 3550 appendix A.8, in sixteenths. */
static void note_transit(struct ic_reception *r, uint32_t timestamp, int64_t now)
{
    uint32_t transit = ic_rtp_ticks(now, r->clock_hz) - timestamp;
    int32_t d = (int32_t)(transit - r->transit);
    r->transit = transit;
    uint32_t size = d < 0 ? 0 - (uint32_t)d : (uint32_t)d;
    if (size < r->clock_hz * 10) /* a timestamp that jumped is no jitter */
        r->jitter_16 += size - ((r->jitter_16 + 8) >> 4);
}

/* Distance from the newest; false if it is too far to be of the same numbering. */
static bool distance(const struct ic_reception *r, uint16_t seq, int *ahead)
{
    *ahead = (int16_t)(uint16_t)(seq - (uint16_t)r->newest);
    return *ahead <= AHEAD_MAX && *ahead > -BEHIND_MAX;
}

static enum ic_arrival note_far(struct ic_reception *r, uint32_t *extended, uint16_t seq,
                                uint32_t timestamp, int64_t now)
{
    if (r->suspect && seq == r->suspect_next) {
        begin(r, seq, timestamp, now);
        *extended = r->newest;
        return IC_ARRIVAL_FIRST;
    }
    r->suspect = true;
    r->suspect_next = (uint16_t)(seq + 1);
    return IC_ARRIVAL_REFUSED;
}

enum ic_arrival ic_reception_note(struct ic_reception *r, uint32_t *extended, uint16_t seq,
                                  uint32_t timestamp, int64_t now)
{
    int ahead;
    if (!r->started) {
        begin(r, seq, timestamp, now);
        *extended = r->newest;
        return IC_ARRIVAL_FIRST;
    }
    if (!distance(r, seq, &ahead))
        return note_far(r, extended, seq, timestamp, now);
    r->suspect = false;
    r->received++;
    *extended = r->newest + (uint32_t)ahead;
    if (ahead <= 0)
        return IC_ARRIVAL_LATE;
    r->newest = *extended;
    note_transit(r, timestamp, now);
    return IC_ARRIVAL_NEWEST;
}

bool ic_reception_place(const struct ic_reception *r, uint32_t *extended, uint16_t seq)
{
    int ahead;
    if (!r->started || !distance(r, seq, &ahead))
        return false;
    *extended = r->newest + (uint32_t)ahead;
    return true;
}

void ic_reception_report(struct ic_reception *r, struct ic_rtcp_report *out)
{
    uint32_t expected = r->started ? r->newest - r->first + 1 : 0;
    uint32_t expected_now = expected - r->expected_before;
    int64_t lost_now = (int64_t)expected_now - (r->received - r->received_before);
    int64_t lost = (int64_t)expected - r->received;
    r->expected_before = expected;
    r->received_before = r->received;

    if (lost > 0x7FFFFF)
        lost = 0x7FFFFF;
    if (lost < -0x800000)
        lost = -0x800000;
    int64_t fraction = expected_now > 0 && lost_now > 0 ? lost_now * 256 / expected_now : 0;
    out->lost = (int32_t)lost;
    out->fraction_lost = (uint8_t)(fraction > 255 ? 255 : fraction);
    out->highest = r->started ? r->newest - ROLLOVER : 0;
    out->jitter = r->jitter_16 >> 4;
}
