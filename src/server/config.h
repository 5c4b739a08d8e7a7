/* config.h - everything an operator can set: one table of keys, read once at start and const
 * thereafter.
 *
 * A value comes from, strongest first: a flag `--http.listen=...`, the environment
 * `INCAMERA_HTTP__LISTEN`, the INI file (`[http]`, `listen = ...`), the default. The safe value is
 * the default; a key that relaxes something says so in its name. docs/operate.md has one row per
 * key and a test compares it with the table. */
#pragma once

#include <stdio.h>

#include "base/base.h"
#include "base/log.h"

enum {
    IC_CONFIG_LISTEN_MAX = 8,
    IC_CONFIG_ADDRESSES_MAX = 16,
    IC_CONFIG_TEXT_SIZE = 512, /* paths and addresses, with the terminating zero */
    IC_ADDRESS_TEXT_SIZE = 46, /* the longest IPv6 address and a zero */
    IC_CONFIG_WORKERS_MAX = 64,
    IC_CONFIG_RELAYS_MAX = 4,
    IC_RELAY_URL_SIZE = 128,
};

/* Where to listen. Port 0: the system chooses. */
struct ic_endpoint {
    char address[IC_ADDRESS_TEXT_SIZE]; /* numeric, IPv6 without brackets */
    uint16_t port;
};

struct ic_endpoints {
    struct ic_endpoint at[IC_CONFIG_LISTEN_MAX];
    uint32_t count;
};

struct ic_addresses {
    char at[IC_CONFIG_ADDRESSES_MAX][IC_ADDRESS_TEXT_SIZE];
    uint32_t count;
};

/* TURN URIs (RFC 7065). */
struct ic_relay_urls {
    char at[IC_CONFIG_RELAYS_MAX][IC_RELAY_URL_SIZE];
    uint32_t count;
};

struct ic_config {
    struct {
        struct ic_endpoints listen;
        char public_url[IC_CONFIG_TEXT_SIZE]; /* scheme://host[:port]; empty: from `listen` */
        bool allow_plain_beyond_loopback;
        struct ic_addresses trusted_proxies; /* whose X-Forwarded-For is believed */
    } http;
    struct {
        char certificate[IC_CONFIG_TEXT_SIZE]; /* empty: plain HTTP */
        char key[IC_CONFIG_TEXT_SIZE];
    } tls;
    struct {
        struct ic_addresses addresses;     /* none: every interface's */
        uint32_t port;                     /* worker i takes port + i; 0: the system chooses */
        uint32_t workers;                  /* 0: one a core */
        uint32_t people_per_worker;        /* of one meeting, then it gets one more worker */
        char program[IC_CONFIG_TEXT_SIZE]; /* empty: looked for beside this program */
        bool allow_unconfined;             /* where the kernel has no seccomp */
    } media;
    struct {
        struct ic_relay_urls urls; /* none: no relay */
        char secret_file[IC_CONFIG_TEXT_SIZE];
        uint32_t lifetime; /* of credentials, in seconds */
        bool only;
    } turn;
    struct {
        char path[IC_CONFIG_TEXT_SIZE];
    } store;
    struct {
        char root[IC_CONFIG_TEXT_SIZE]; /* empty: looked for beside this program */
    } web;
    struct {
        struct ic_endpoints listen; /* none: nobody can read metrics */
        bool allow_beyond_loopback;
    } metrics;
    struct {
        uint32_t sockets;     /* open WebSockets */
        uint32_t connections; /* without one, in all and from one address */
        uint32_t connections_per_address;
        uint32_t participants; /* in one meeting */
        uint32_t meetings;     /* with people in them, at once */
    } limits;
    struct {
        uint32_t level; /* enum ic_log_level */
    } log;
};

/* The first thing that is wrong, as one sentence for the operator. */
struct ic_config_problem {
    char text[1024];
};

/* Fills `config` from defaults, `file` (NULL: no file), `environment` (as `environ`) and
 * `flags` (each "--key=value"), then checks that the values fit together. On error `problem` says
 * where (file and line, variable or flag), which key, which value and what is allowed; `config` is
 * undefined. */
enum ic_err ic_config_load(struct ic_config *config, const char *file, char *const *environment,
                           char *const *flags, struct ic_config_problem *problem) IC_CHECKED;

/* Writes one Markdown table row per key: key, default, allowed, meaning. */
void ic_config_describe(FILE *out);

/* Is `text` a numeric loopback address? */
bool ic_address_is_loopback(const char *text);
