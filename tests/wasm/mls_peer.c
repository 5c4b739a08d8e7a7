/* mls_peer.c - the commands of tests/e2ee/mls_peer.h as exports of a WebAssembly module. */
#include <stdlib.h>

#include "tests/e2ee/mls_peer.h"

#define EXPORT(name) __attribute__((export_name(name)))

/* Where a line of that many characters, and a zero, may be written. */
EXPORT("line") char *peer_line(size_t len);
char *peer_line(size_t len)
{
    static char *line;

    free(line);
    line = malloc(len + 1);
    return line;
}

EXPORT("hand") uint8_t *peer_hand(size_t len);
uint8_t *peer_hand(size_t len)
{
    return mls_peer_hand(len);
}

EXPORT("obey") const char *peer_obey(char *line);
const char *peer_obey(char *line)
{
    mls_peer_tell_places();
    return mls_peer_obey(line);
}
