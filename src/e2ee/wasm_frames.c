/* wasm_frames.c - what the module that seals and opens frames exports to its worker
 * (web/src/e2ee/frames_module.ts). The keys come from another worker, where the group is
 * (wasm_relay.c).
 *
 * One core per module. Bytes go in and out through one buffer at a fixed place; numbers are
 * arguments. Times are milliseconds as JavaScript has them. A result below zero is an error. */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/frame.h"

#define EXPORT(name) __attribute__((export_name(name)))

static union {
    uint8_t bytes[IC_FRAME_PREFIX_MAX];
    uint8_t base_key[IC_BASE_KEY_LEN];
    struct {
        uint32_t aead, prefix_len, key_id, counter;
        double serial;
        uint32_t body_len, is_key;
        uint8_t nonce[IC_SFRAME_NONCE_LEN], prefix[IC_FRAME_PREFIX_MAX], aad[IC_FRAME_PREFIX_MAX];
    } plan;
} buffer;

/* frames_module.ts reads at these places. */
_Static_assert(offsetof(__typeof__(buffer.plan), nonce) == 32, "seven numbers");
_Static_assert(offsetof(__typeof__(buffer.plan), prefix) == 44, "nonce");
_Static_assert(offsetof(__typeof__(buffer.plan), aad) == 71, "prefix");

static struct ic_e2ee *core;

static int64_t nanoseconds(double ms)
{
    return (int64_t)(ms * (double)IC_NS_PER_MS);
}

EXPORT("buffer") uint8_t *api_buffer(void);
uint8_t *api_buffer(void)
{
    return buffer.bytes;
}

/* Once, before all others. False: no memory. */
EXPORT("open") bool api_open(void);
bool api_open(void)
{
    core = ic_e2ee_new();
    return core != NULL;
}

/* ---- What the group says of its keys ---- */

/* In: the base key, which is wiped here. */
EXPORT("epoch_install") int api_epoch_install(double number, double keep_ms, double now_ms);
int api_epoch_install(double number, double keep_ms, double now_ms)
{
    enum ic_err err = ic_e2ee_epoch_install(core, (uint64_t)number, buffer.base_key,
                                            nanoseconds(now_ms), nanoseconds(keep_ms));
    ic_secret_wipe(&buffer, sizeof buffer);
    return -(int)err;
}

EXPORT("epoch_send") int api_epoch_send(double number, unsigned index);
int api_epoch_send(double number, unsigned index)
{
    return -(int)ic_e2ee_epoch_send(core, (uint64_t)number, index);
}

EXPORT("leaf_left") void api_leaf_left(unsigned index);
void api_leaf_left(unsigned index)
{
    ic_e2ee_leaf_left(core, index);
}

EXPORT("hold_sending") void api_hold_sending(bool held);
void api_hold_sending(bool held)
{
    ic_e2ee_hold_sending(core, held);
}

EXPORT("group_over") void api_group_over(void);
void api_group_over(void)
{
    ic_e2ee_group_over(core);
}

EXPORT("expire") void api_expire(double now_ms);
void api_expire(double now_ms)
{
    ic_e2ee_expire(core, nanoseconds(now_ms));
}

/* ---- Frames ---- */

EXPORT("sender_new") struct ic_frame_sender *api_sender_new(unsigned stream, unsigned codec);
struct ic_frame_sender *api_sender_new(unsigned stream, unsigned codec)
{
    if (stream >= IC_STREAMS || codec >= IC_CODECS)
        return NULL;
    return ic_frame_sender_new(core, (enum ic_stream)stream, (enum ic_codec)codec);
}

EXPORT("sender_use") int api_sender_use(struct ic_frame_sender *sender, unsigned codec);
int api_sender_use(struct ic_frame_sender *sender, unsigned codec)
{
    if (codec >= IC_CODECS)
        return -(int)IC_ERR_FORBIDDEN;
    return -(int)ic_frame_sender_use(sender, (enum ic_codec)codec);
}

EXPORT("sender_free") void api_sender_free(struct ic_frame_sender *sender);
void api_sender_free(struct ic_frame_sender *sender)
{
    ic_frame_sender_free(sender);
}

EXPORT("receiver_new") struct ic_frame_receiver *api_receiver_new(unsigned codec);
struct ic_frame_receiver *api_receiver_new(unsigned codec)
{
    if (codec >= IC_CODECS)
        return NULL;
    return ic_frame_receiver_new(core, (enum ic_codec)codec);
}

EXPORT("receiver_free") void api_receiver_free(struct ic_frame_receiver *receiver);
void api_receiver_free(struct ic_frame_receiver *receiver)
{
    ic_frame_receiver_free(receiver);
}

EXPORT("receiver_expect")
int api_receiver_expect(struct ic_frame_receiver *receiver, unsigned index, unsigned stream);
int api_receiver_expect(struct ic_frame_receiver *receiver, unsigned index, unsigned stream)
{
    if (stream >= IC_STREAMS)
        return -(int)IC_ERR_FORBIDDEN;
    return -(int)ic_frame_receiver_expect(receiver, index, (enum ic_stream)stream);
}

EXPORT("receiver_expect_nobody")
void api_receiver_expect_nobody(struct ic_frame_receiver *receiver);
void api_receiver_expect_nobody(struct ic_frame_receiver *receiver)
{
    ic_frame_receiver_expect_nobody(receiver);
}

static void give_plan(const struct ic_frame_plan *plan)
{
    buffer.plan.aead = (uint32_t)(uintptr_t)plan->aead;
    buffer.plan.prefix_len = (uint32_t)plan->prefix_len;
    buffer.plan.key_id = ic_key_id_number(plan->id);
    buffer.plan.counter = (uint32_t)plan->counter;
    buffer.plan.serial = (double)plan->serial;
    buffer.plan.is_key = plan->is_key;
    buffer.plan.body_len = (uint32_t)plan->body_len;
    memcpy(buffer.plan.nonce, plan->nonce, sizeof plan->nonce);
    memcpy(buffer.plan.prefix, plan->prefix, sizeof plan->prefix);
    memcpy(buffer.plan.aad, plan->aad, sizeof plan->aad);
}

/* In: the first `start_len` bytes of a frame of `len`. Out: the plan. */
EXPORT("plan_seal")
int api_plan_seal(struct ic_frame_sender *sender, size_t start_len, size_t len);
int api_plan_seal(struct ic_frame_sender *sender, size_t start_len, size_t len)
{
    struct ic_frame_plan plan = {0};
    struct ic_bytes start = {buffer.bytes, start_len};
    enum ic_err err = ic_frame_plan_seal(sender, &plan, start, len);
    if (err == IC_OK)
        give_plan(&plan);
    return -(int)err;
}

EXPORT("plan_open")
int api_plan_open(struct ic_frame_receiver *receiver, size_t start_len, size_t len, double now_ms);
int api_plan_open(struct ic_frame_receiver *receiver, size_t start_len, size_t len, double now_ms)
{
    struct ic_frame_plan plan = {0};
    struct ic_bytes start = {buffer.bytes, start_len};
    enum ic_err err = ic_frame_plan_open(receiver, &plan, start, len, nanoseconds(now_ms));
    if (err == IC_OK)
        give_plan(&plan);
    return -(int)err;
}

/* The three numbers of the plan whose body was found authentic. */
EXPORT("claim")
int api_claim(struct ic_frame_receiver *receiver, uint32_t key_id, double serial, uint32_t counter,
              double now_ms);
int api_claim(struct ic_frame_receiver *receiver, uint32_t key_id, double serial, uint32_t counter,
              double now_ms)
{
    struct ic_key_id id;
    if (!ic_key_id_parse(&id, key_id))
        return -(int)IC_ERR_MALFORMED;
    return -(int)ic_frame_claim(receiver, id, (uint64_t)serial, counter, nanoseconds(now_ms));
}
