/* http_headers.h - the headers on every answer, whatever it answers. */
#pragma once

/* A header with its lower-case name, and whether it is for TLS only, ours or a proxy's. */
struct ic_http_header {
    const char *name, *value;
    int tls_only;
};

/* Ends with a NULL name. */
extern const struct ic_http_header ic_http_headers[];
