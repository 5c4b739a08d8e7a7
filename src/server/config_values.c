/* config_values.c - one small parser a kind. Lists are separated by commas or blanks. */
#include "server/config_values.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>

static enum ic_err parse_flag(bool *out, const char *text)
{
    *out = strcmp(text, "yes") == 0;
    return *out || strcmp(text, "no") == 0 ? IC_OK : IC_ERR_MALFORMED;
}

static enum ic_err parse_number(uint32_t *out, const char *text, uint32_t min, uint32_t max)
{
    char *end;

    if (!isdigit((unsigned char)text[0]) || strlen(text) > 9)
        return IC_ERR_MALFORMED;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != 0 || value < min || value > max)
        return IC_ERR_MALFORMED;
    *out = (uint32_t)value;
    return IC_OK;
}

static enum ic_err parse_text(char out[IC_CONFIG_TEXT_SIZE], const char *text)
{
    if (strlen(text) >= IC_CONFIG_TEXT_SIZE)
        return IC_ERR_MALFORMED;
    strcpy(out, text);
    return IC_OK;
}

/* An origin: no path, no user, no trailing slash, so that it can be compared with a header. */
static enum ic_err parse_url(char out[IC_CONFIG_TEXT_SIZE], const char *text)
{
    const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : NULL;
    if (text[0] != 0 && (!host || host[0] == 0))
        return IC_ERR_MALFORMED;
    for (const char *c = host; c && *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && !strchr(".-:[]", *c))
            return IC_ERR_MALFORMED;
    return parse_text(out, text);
}

static bool is_address(const char *text)
{
    struct in6_addr ignored;
    return inet_pton(AF_INET, text, &ignored) == 1 || inet_pton(AF_INET6, text, &ignored) == 1;
}

/* "127.0.0.1:8080" or "[::1]:8080". */
static enum ic_err parse_endpoint(struct ic_endpoint *out, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : 0;
    uint32_t port;

    if (len == 0 || parse_number(&port, colon + 1, 0, 65535) != IC_OK)
        return IC_ERR_MALFORMED;
    bool bracketed = text[0] == '[' && text[len - 1] == ']';
    if (bracketed) {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= sizeof out->address)
        return IC_ERR_MALFORMED;
    memcpy(out->address, text, len);
    out->address[len] = 0;
    out->port = (uint16_t)port;
    bool is_ipv6 = strchr(out->address, ':') != NULL;
    return is_address(out->address) && is_ipv6 == bracketed ? IC_OK : IC_ERR_MALFORMED;
}

static enum ic_err add_endpoint(void *list, const char *text)
{
    struct ic_endpoints *all = list;
    if (all->count == IC_CONFIG_LISTEN_MAX)
        return IC_ERR_MALFORMED;
    return parse_endpoint(&all->at[all->count++], text);
}

static enum ic_err add_address(void *list, const char *text)
{
    struct ic_addresses *all = list;
    if (all->count == IC_CONFIG_ADDRESSES_MAX || !is_address(text))
        return IC_ERR_MALFORMED;
    strcpy(all->at[all->count++], text);
    return IC_OK;
}

static enum ic_err parse_list(void *list, enum ic_err (*add)(void *list, const char *text),
                              const char *text)
{
    static const char separators[] = ", \t";
    char copy[IC_CONFIG_TEXT_SIZE], *rest;

    if (parse_text(copy, text) != IC_OK)
        return IC_ERR_MALFORMED;
    for (char *word = strtok_r(copy, separators, &rest); word;
         word = strtok_r(NULL, separators, &rest))
        if (add(list, word) != IC_OK)
            return IC_ERR_MALFORMED;
    return IC_OK;
}

static enum ic_err parse_endpoints(struct ic_endpoints *out, const char *text, uint32_t least)
{
    out->count = 0;
    enum ic_err err = parse_list(out, add_endpoint, text);
    return err == IC_OK && out->count < least ? IC_ERR_MALFORMED : err;
}

static enum ic_err parse_addresses(struct ic_addresses *out, const char *text)
{
    out->count = 0;
    return parse_list(out, add_address, text);
}

/* Host, or IPv6 in brackets, and a port; then how to reach it. TURN over TLS is always TCP. */
static bool is_relay_url(const char *text)
{
    bool tls = strncmp(text, "turns:", 6) == 0;
    const char *host = tls ? text + 6 : strncmp(text, "turn:", 5) == 0 ? text + 5 : NULL;
    const char *question = host ? strchr(host, '?') : NULL;
    const char *end = question ? question : host ? host + strlen(host) : NULL;
    const char *colon = host ? memrchr(host, ':', (size_t)(end - host)) : NULL;
    char port[8] = "";
    uint32_t number;

    if (!colon || colon == host || end - colon - 1 >= (ptrdiff_t)sizeof port)
        return false;
    memcpy(port, colon + 1, (size_t)(end - colon - 1));
    for (const char *c = host; c < colon; c++)
        if (!isalnum((unsigned char)*c) && !strchr(".-:[]", *c))
            return false;
    bool transport = !question || strcmp(question, "?transport=tcp") == 0 ||
                     (!tls && strcmp(question, "?transport=udp") == 0);
    return transport && parse_number(&number, port, 1, 65535) == IC_OK;
}

static enum ic_err add_relay(void *list, const char *text)
{
    struct ic_relay_urls *all = list;
    if (all->count == IC_CONFIG_RELAYS_MAX || strlen(text) >= IC_RELAY_URL_SIZE ||
        !is_relay_url(text))
        return IC_ERR_MALFORMED;
    strcpy(all->at[all->count++], text);
    return IC_OK;
}

static enum ic_err parse_relays(struct ic_relay_urls *out, const char *text)
{
    out->count = 0;
    return parse_list(out, add_relay, text);
}

static enum ic_err parse_level(uint32_t *out, const char *text)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    for (uint32_t i = 0; i < IC_COUNT(levels); i++)
        if (strcmp(text, levels[i]) == 0) {
            *out = i;
            return IC_OK;
        }
    return IC_ERR_MALFORMED;
}

enum ic_err ic_config_parse(enum ic_config_kind kind, void *out, const char *text, uint32_t min,
                            uint32_t max)
{
    switch (kind) {
    case IC_CONFIG_FLAG:
        return parse_flag(out, text);
    case IC_CONFIG_NUMBER:
        return parse_number(out, text, min, max);
    case IC_CONFIG_TEXT:
        return parse_text(out, text);
    case IC_CONFIG_URL:
        return parse_url(out, text);
    case IC_CONFIG_ENDPOINTS:
        return parse_endpoints(out, text, min);
    case IC_CONFIG_ADDRESSES:
        return parse_addresses(out, text);
    case IC_CONFIG_RELAYS:
        return parse_relays(out, text);
    case IC_CONFIG_LEVEL:
        return parse_level(out, text);
    }
    return IC_ERR_MALFORMED;
}

bool ic_address_is_loopback(const char *text)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, text, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}
