/* Reads and writes meeting links and start addresses (docs/protocol.md, "Nouns"). */
#include "client/link.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/secret.h"

enum {
    PORT_HTTP = 80,
    PORT_HTTPS = 443,
};

/* An address cut at its marks: scheme "://" authority "/" path "#" fragment. */
struct parts {
    bool tls;
    struct ic_bytes authority;
    char path[64];
    const char *fragment;
};

static enum ic_err cut(struct parts *out, const char *text)
{
    struct parts p = {0};
    const char *rest;

    if (strncmp(text, "https://", 8) == 0)
        p.tls = true;
    else if (strncmp(text, "http://", 7) != 0)
        return IC_ERR_MALFORMED;
    rest = text + (p.tls ? 8 : 7);

    const char *slash = strchr(rest, '/');
    const char *hash = strchr(rest, '#');
    if (!slash || !hash || hash < slash || (size_t)(hash - slash) > sizeof p.path)
        return IC_ERR_MALFORMED;
    p.authority = (struct ic_bytes){(const uint8_t *)rest, (size_t)(slash - rest)};
    memcpy(p.path, slash + 1, (size_t)(hash - slash - 1));
    p.fragment = hash + 1;
    *out = p;
    return IC_OK;
}

static enum ic_err read_port(uint16_t *port, const char *text)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return IC_ERR_MALFORMED;
    long value = strtol(text, &end, 10);
    if (*end != '\0' || value < 1 || value > UINT16_MAX)
        return IC_ERR_MALFORMED;
    *port = (uint16_t)value;
    return IC_OK;
}

/* In brackets an IPv6 address, else a name or an IPv4 address: so there is one way to print it. */
static bool is_host(const char *host, bool in_brackets)
{
    if (in_brackets)
        return strchr(host, ':') && host[strspn(host, "0123456789abcdefABCDEF:.")] == '\0';
    for (const char *c = host; *c; c++)
        if (*c <= ' ' || *c > '~' || *c == '[' || *c == ']')
            return false;
    return host[0] != '\0';
}

static enum ic_err read_authority(struct ic_server_address *out, const struct parts *p)
{
    struct ic_server_address a = {.tls = p->tls, .port = p->tls ? PORT_HTTPS : PORT_HTTP};
    char text[IC_LINK_HOST_SIZE + 8] = {0};
    if (p->authority.len == 0 || p->authority.len >= sizeof text)
        return IC_ERR_MALFORMED;
    memcpy(text, p->authority.at, p->authority.len);
    if (strpbrk(text, "@?\\ "))
        return IC_ERR_MALFORMED;

    char *host = text;
    char *after = text + strcspn(text, ":");
    if (text[0] == '[') {
        host = text + 1;
        after = strchr(text, ']');
        if (!after)
            return IC_ERR_MALFORMED;
        *after++ = '\0';
    }
    if (*after == ':') {
        *after++ = '\0';
        if (read_port(&a.port, after) != IC_OK)
            return IC_ERR_MALFORMED;
    } else if (*after != '\0') {
        return IC_ERR_MALFORMED;
    }
    if (!is_host(host, host != text) || strlen(host) >= sizeof a.host)
        return IC_ERR_MALFORMED;
    strcpy(a.host, host);
    *out = a;
    return IC_OK;
}

enum ic_err ic_link_parse(struct ic_link *out, const char *text)
{
    struct parts p;
    struct ic_link link = {0};

    if (cut(&p, text) != IC_OK || read_authority(&link.server, &p) != IC_OK ||
        ic_base64url_decode(link.meeting, sizeof link.meeting, p.path) != IC_OK)
        return IC_ERR_MALFORMED;
    enum ic_door_link_fault fault = ic_door_link_parse(&link.door, p.fragment);
    if (fault != IC_DOOR_LINK_FINE)
        return fault == IC_DOOR_LINK_FIRST_STAGE ? IC_ERR_FORBIDDEN : IC_ERR_MALFORMED;
    *out = link;
    return IC_OK;
}

enum ic_err ic_start_address_parse(struct ic_start_address *out, const char *text)
{
    struct parts p;
    struct ic_start_address start;

    if (cut(&p, text) != IC_OK || read_authority(&start.server, &p) != IC_OK ||
        strcmp(p.path, "start") != 0 ||
        ic_base64url_decode(start.token, sizeof start.token, p.fragment) != IC_OK)
        return IC_ERR_MALFORMED;
    *out = start;
    return IC_OK;
}

enum ic_err ic_link_for_guests(struct ic_link *out, const struct ic_link *host)
{
    struct ic_door_host_keys keys;
    enum ic_err err = ic_door_host_keys(&keys, host->door.root_seed);
    if (err != IC_OK)
        return err;
    *out = *host;
    out->door.kind = IC_DOOR_LINK_GUEST;
    memcpy(out->door.pin, keys.pin, sizeof out->door.pin);
    ic_secret_wipe(out->door.root_seed, sizeof out->door.root_seed);
    ic_secret_wipe(&keys, sizeof keys);
    return IC_OK;
}

void ic_link_print(char text[IC_LINK_TEXT_SIZE], const struct ic_link *link)
{
    const struct ic_server_address *a = &link->server;
    bool brackets = strchr(a->host, ':') != NULL;
    char meeting[IC_BASE64URL_LEN(IC_MEETING_LEN) + 1];
    char fragment[IC_DOOR_FRAGMENT_LEN + 1];
    char port[8] = "";

    ic_door_link_print(fragment, &link->door);
    ic_base64url_encode(meeting, (struct ic_bytes){link->meeting, sizeof link->meeting});
    if (a->port != (a->tls ? PORT_HTTPS : PORT_HTTP))
        snprintf(port, sizeof port, ":%u", a->port);
    snprintf(text, IC_LINK_TEXT_SIZE, "%s://%s%s%s%s/%s#%s", a->tls ? "https" : "http",
             brackets ? "[" : "", a->host, brackets ? "]" : "", port, meeting, fragment);
}
