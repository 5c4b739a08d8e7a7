/* Any datagrams into a server's handshake: it answers or stays silent, and gives no keys. */
#include "crypto/certificate.h"
#include "crypto/dtls.h"
#include "fuzz/datagrams.h"

static struct ic_dtls_context *context(void)
{
    static struct ic_certificate *certificate;
    static struct ic_dtls_context *made;

    if (!made && (ic_certificate_new(&certificate, 1800000000) != IC_OK ||
                  ic_dtls_context_new(&made, certificate) != IC_OK))
        abort();
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t fingerprint[IC_DTLS_FINGERPRINT_LEN] = {1};
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    struct ic_srtp_keys keys;
    struct ic_dtls *dtls;
    struct ic_bytes out;
    uint8_t *datagram;
    size_t len;
    int64_t now = 0;

    if (ic_dtls_new(&dtls, context(), IC_DTLS_SERVER, fingerprint, now) != IC_OK)
        abort();
    while ((datagram = next_datagram(&r, &len))) {
        ic_dtls_receive(dtls, now, (struct ic_bytes){datagram, len});
        while (ic_dtls_next_datagram(dtls, &out))
            if (out.len > IC_DTLS_DATAGRAM_MAX)
                __builtin_trap();
        now += 60 * IC_NS_PER_MS;
        ic_dtls_advance(dtls, now);
        free(datagram);
    }
    if (ic_dtls_take_keys(dtls, &keys) == IC_OK)
        __builtin_trap();
    ic_dtls_free(dtls);
    return 0;
}
