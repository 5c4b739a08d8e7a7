/* ingress.h - one packet from the network, to where it belongs.
 *
 * A stranger's packet changes nothing and costs little: STUN needs a known ufrag and valid
 * integrity, everything else an address that passed such a check within 30 s. */
#pragma once

#include "worker/net_io.h"

/* For ic_net_event(); `context` is the struct ic_worker. */
ic_net_receive ic_ingress;
