/* mls_peer_main.c - the commands of mls_peer.h behind a pipe: a line in, a line out. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/e2ee/mls_peer.h"

int main(void)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        const char *answer = mls_peer_obey(line);
        if (!answer)
            return 2;
        puts(answer);
        fflush(stdout);
    }
    free(line);
    return 0;
}
