/* ice_client.c - checks and consent of the controlling side (RFC 8445 section 7.2.5, RFC 7675). */
#include "media/ice_client.h"

#include "crypto/random.h"
#include "crypto/secret.h"

#define FIRST_INTERVAL_NS (50 * IC_NS_PER_MS)
#define LONGEST_INTERVAL_NS (2 * IC_NS_PER_SEC)
/* 5 s, a fifth less or more (RFC 7675 section 5.1). */
#define CONSENT_LEAST_NS (4 * IC_NS_PER_SEC)
#define CONSENT_SPREAD_NS (2 * IC_NS_PER_SEC)

/* Without an answer, before another socket is tried: a fresh one costs little, but it should not be
 * opened for one lost packet. TCP repeats by itself. Doubled with each that did not help. */
#define UDP_PATIENCE_NS (300 * IC_NS_PER_MS)
#define TCP_PATIENCE_NS (700 * IC_NS_PER_MS)
#define LONGEST_RTT_NS IC_NS_PER_SEC
enum { REPETITION = IC_STUN_TRANSACTION_LEN - 1 };
enum { PATIENCE_RTTS = 3, PATIENCE_DOUBLINGS = 2 };

/* Peer-reflexive, the only kind there is here: RFC 8445 section 5.1.2.1, component 1. */
enum { PRIORITY = 110 << 24 | 65535 << 8 | 255 };

static void set_credentials(struct ic_ice_client *c, int64_t now,
                            const struct ic_ice_credentials *ours,
                            const struct ic_ice_credentials *theirs)
{
    struct ic_writer w = ic_writer_of(c->username, sizeof c->username);

    ic_write_bytes(&w, ic_bytes_of_text(theirs->ufrag));
    ic_write_uint(&w, ':', 1);
    ic_write_bytes(&w, ic_bytes_of_text(ours->ufrag));
    c->username_len = w.len;
    ic_hmac_key_init(&c->key, IC_HMAC_SHA1, ic_bytes_of_text(theirs->pwd));
    c->outstanding = false;
    c->heard_at = INT64_MAX;
    c->next_at = now;
}

void ic_ice_client_init(struct ic_ice_client *client, int64_t now,
                        const struct ic_ice_credentials *ours,
                        const struct ic_ice_credentials *theirs, const struct ic_address *server)
{
    *client = (struct ic_ice_client){.server = *server, .answered_at = now};
    ic_random_fill(&client->tie_breaker, sizeof client->tie_breaker);
    set_credentials(client, now, ours, theirs);
}

void ic_ice_client_clear(struct ic_ice_client *client)
{
    ic_secret_wipe(client, sizeof *client);
}

void ic_ice_client_restart(struct ic_ice_client *client, int64_t now,
                           const struct ic_ice_credentials *ours,
                           const struct ic_ice_credentials *theirs)
{
    set_credentials(client, now, ours, theirs);
}

void ic_ice_client_heard(struct ic_ice_client *client, int64_t now)
{
    client->heard_at = now;
}

int64_t ic_ice_client_stuck_at(const struct ic_ice_client *client)
{
    bool tcp = client->server.protocol == IC_TCP;
    int64_t patience = (tcp ? TCP_PATIENCE_NS : UDP_PATIENCE_NS) + PATIENCE_RTTS * client->rtt_ns;

    if (client->state == IC_ICE_CLIENT_CHECKING || !client->outstanding)
        return INT64_MAX;
    return (client->heard_at == INT64_MAX ? client->asked_at : client->heard_at) +
           (patience << (client->moves < PATIENCE_DOUBLINGS ? client->moves : PATIENCE_DOUBLINGS));
}

void ic_ice_client_moved(struct ic_ice_client *client, int64_t now)
{
    client->outstanding = false;
    client->heard_at = INT64_MAX;
    client->next_at = now;
    client->moves++;
}

enum ic_ice_client_state ic_ice_client_state(const struct ic_ice_client *client)
{
    return client->state;
}

/* When a check is due: consent, a repetition, or because nothing has come for a while. */
static int64_t check_at(const struct ic_ice_client *c)
{
    int64_t quiet_at = c->outstanding || c->heard_at == INT64_MAX
                           ? INT64_MAX
                           : c->heard_at + IC_ICE_CLIENT_QUIET_NS;
    return quiet_at < c->next_at ? quiet_at : c->next_at;
}

int64_t ic_ice_client_next_timeout(const struct ic_ice_client *client)
{
    int64_t lost_at = client->answered_at + IC_ICE_CONSENT_NS, due = check_at(client);

    return client->state != IC_ICE_CLIENT_LOST && lost_at < due ? lost_at : due;
}

size_t ic_ice_client_advance(struct ic_ice_client *client, int64_t now, uint8_t *out)
{
    if (now - client->answered_at >= IC_ICE_CONSENT_NS)
        client->state = IC_ICE_CLIENT_LOST;
    if (now < check_at(client))
        return 0;
    if (!client->outstanding) {
        ic_random_fill(client->transaction, sizeof client->transaction);
        client->outstanding = true;
        client->asked_at = now;
        client->heard_at = INT64_MAX;
        client->interval_ns = FIRST_INTERVAL_NS;
    }
    client->transaction[REPETITION]++; /* from a new address the same would be taken for recorded */
    client->next_at = now + client->interval_ns;
    client->interval_ns *= 2;
    if (client->interval_ns > LONGEST_INTERVAL_NS)
        client->interval_ns = LONGEST_INTERVAL_NS;

    struct ic_stun_check check = {.username = {client->username, client->username_len},
                                  .priority = PRIORITY,
                                  .tie_breaker = client->tie_breaker,
                                  .use_candidate = true};
    memcpy(check.transaction, client->transaction, sizeof check.transaction);
    return ic_stun_write_check(out, IC_STUN_REQUEST_MAX, &check, &client->key);
}

static int64_t consent_interval(void)
{
    uint32_t random;

    ic_random_fill(&random, sizeof random);
    return CONSENT_LEAST_NS + (int64_t)(random % (CONSENT_SPREAD_NS / IC_NS_PER_MS)) * IC_NS_PER_MS;
}

enum ic_err ic_ice_client_receive(struct ic_ice_client *client, int64_t now,
                                  const struct ic_stun_message *message, struct ic_bytes datagram)
{
    if (!client->outstanding ||
        (message->class != IC_STUN_SUCCESS && message->class != IC_STUN_ERROR) ||
        memcmp(message->transaction, client->transaction, REPETITION) != 0)
        return IC_ERR_NOT_FOUND;
    enum ic_err err = ic_stun_verify(message, datagram, &client->key);
    if (err != IC_OK)
        return err;
    if (message->class == IC_STUN_ERROR)
        return IC_ERR_FORBIDDEN;
    client->outstanding = false;
    client->rtt_ns =
        now - client->asked_at < LONGEST_RTT_NS ? now - client->asked_at : LONGEST_RTT_NS;
    client->moves = 0;
    client->answered_at = now;
    client->next_at = now + consent_interval();
    client->state = IC_ICE_CLIENT_CONNECTED;
    return IC_OK;
}
