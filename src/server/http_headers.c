/* http_headers.c - what the page may do: load from here, talk to here, use camera, microphone,
 * screen, speaker and the whole screen; nothing else, nowhere else, inside no other page. No text
 * becomes code or markup: the one policy of Trusted Types lets the encryption worker start
 * (web/src/e2ee/worker_address.ts). */
#include "server/http_headers.h"

#include <stddef.h>

static const char content_security_policy[] =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types incamera";

static const char permissions_policy[] =
    "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), "
    "fullscreen=(self), autoplay=(self), clipboard-write=(self), accelerometer=(), bluetooth=(), "
    "clipboard-read=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), "
    "keyboard-map=(), local-fonts=(), magnetometer=(), midi=(), payment=(), "
    "picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), "
    "storage-access=(), usb=(), xr-spatial-tracking=()";

const struct ic_http_header ic_http_headers[] = {
    {"content-security-policy:", content_security_policy, 0},
    {"permissions-policy:", permissions_policy, 0},
    {"referrer-policy:", "no-referrer", 0},
    {"x-content-type-options:", "nosniff", 0},
    {"cross-origin-opener-policy:", "same-origin", 0},
    {"cross-origin-embedder-policy:", "require-corp", 0},
    {"cross-origin-resource-policy:", "same-origin", 0},
    {"strict-transport-security:", "max-age=31536000", 1},
    {NULL, NULL, 0},
};
