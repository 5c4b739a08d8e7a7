/* A payload is one NAL unit, several behind their lengths (STAP-A, section 5.7.1), or a part of one
 * that is too large (FU-A, section 5.8); a parameter set never is. */
#include "media/h264.h"

enum { TYPE = 0x1F, SEQUENCE_PARAMETERS = 7, STAP_A = 24, LENGTH = 2 };

bool ic_h264_key_start(struct ic_bytes payload)
{
    struct ic_reader r = ic_reader_of(payload);
    uint8_t type = ic_read_uint(&r, 1) & TYPE;
    if (type == STAP_A) {
        ic_read_uint(&r, LENGTH);
        type = ic_read_uint(&r, 1) & TYPE;
    }
    return !r.bad && type == SEQUENCE_PARAMETERS;
}
