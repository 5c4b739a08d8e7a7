/* relays.c - the secret is a file with one line. */
#include "server/relays.h"

#include <errno.h>
#include <inttypes.h>

#include "base/encode.h"
#include "crypto/random.h"
#include "crypto/secret.h"

enum { SECRET_LEAST = 16, SECRET_MOST = 256, RANDOM_LEN = 8 };

static enum ic_err complain(struct ic_config_problem *problem, const char *path, const char *what)
{
    snprintf(problem->text, sizeof problem->text, "settings: turn.secret_file: %s: %s", path, what);
    return IC_ERR_SYSTEM;
}

static enum ic_err read_secret(struct ic_hmac_key *key, const char *path,
                               struct ic_config_problem *problem)
{
    char line[SECRET_MOST + 2];
    FILE *file = fopen(path, "re");
    if (!file)
        return complain(problem, path, strerror(errno));

    setvbuf(file, NULL, _IONBF, 0); /* no copy of it in a buffer */
    size_t len = fread(line, 1, sizeof line, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (len > 0 && line[len - 1] == '\n')
        len--;
    bool good = !failed && len >= SECRET_LEAST && len <= SECRET_MOST && !memchr(line, '\n', len);
    if (good)
        ic_hmac_key_init(key, IC_HMAC_SHA1, (struct ic_bytes){(const uint8_t *)line, len});
    ic_secret_wipe(line, sizeof line);
    return good ? IC_OK
                : complain(problem, path,
                           "expected one line of 16 to 256 characters, the secret "
                           "that the TURN server knows as static-auth-secret");
}

enum ic_err ic_relays_open(struct ic_relays *out, const struct ic_config *config,
                           struct ic_config_problem *problem)
{
    struct ic_relays relays = {
        .urls = &config->turn.urls, .only = config->turn.only, .lifetime_s = config->turn.lifetime};
    if (relays.urls->count > 0) {
        enum ic_err err = read_secret(&relays.key, config->turn.secret_file, problem);
        if (err != IC_OK)
            return err;
    }
    *out = relays;
    ic_hmac_key_clear(&relays.key);
    return IC_OK;
}

void ic_relays_close(struct ic_relays *relays)
{
    ic_hmac_key_clear(&relays->key);
}

/* The other alphabet of RFC 4648, padded: what TURN servers compare with. */
static void write_base64(char out[IC_RELAY_CREDENTIAL_SIZE], struct ic_bytes tag)
{
    ic_base64url_encode(out, tag);
    for (char *c = out; *c; c++)
        *c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
    strcat(out, "=");
}

void ic_relays_issue(struct ic_relay_credentials *out, const struct ic_relays *relays,
                     int64_t wall_s)
{
    uint8_t tag[IC_HMAC_SHA1_LEN], random[RANDOM_LEN];
    char hex[2 * RANDOM_LEN + 1];

    ic_random_fill(random, sizeof random);
    ic_hex_encode(hex, (struct ic_bytes){random, sizeof random});
    snprintf(out->username, sizeof out->username, "%" PRId64 ":%s", wall_s + relays->lifetime_s,
             hex);
    struct ic_bytes username = ic_bytes_of_text(out->username);
    ic_hmac(tag, &relays->key, &username, 1);
    write_base64(out->credential, (struct ic_bytes){tag, sizeof tag});
}
