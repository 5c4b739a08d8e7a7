/* h264.h - where a key frame begins in H.264 (RFC 6184). Its packets have no descriptor: numbers of
 * RTP alone tell what is missing, and rates are told by the Dependency Descriptor, if at all. */
#pragma once

#include "base/base.h"

/* Does a key frame begin with this payload? It does with a sequence parameter set, alone or the
 * first of several NAL units in one packet. */
bool ic_h264_key_start(struct ic_bytes payload);
