#!/usr/bin/env bash
# Starts the server from the build, with its store under ./data (or DATA). With HOST=name it serves TLS to other
# computers, with a certificate made here: browsers warn once, and a camera works after that.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${DATA:-data}
mkdir -p "$data"
umask 077
flags=(--store.path="$data/incamera.db" --web.root=build/web)

make_certificate() {
    local name=IP:$HOST
    [[ $HOST =~ ^[0-9.]+$|: ]] || name=DNS:$HOST
    [ -f "$data/$HOST.pem" ] && openssl x509 -checkend 604800 -noout -in "$data/$HOST.pem" >/dev/null && return
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=$HOST" \
        -addext "subjectAltName=$name" -keyout "$data/$HOST.key" -out "$data/$HOST.pem" 2>/dev/null ||
        { echo "HOST=$HOST is not a host name or address a certificate can be made for." >&2; exit 1; }
}

if [ -z "$HOST" ]; then
    echo 'Its links work on this computer only. For others: make run HOST=name-or-address-of-this-computer'
else
    HOST=${HOST,,}
    [[ $HOST =~ ^[a-z0-9:][a-z0-9.:-]*$ ]] || { echo "HOST=$HOST holds characters that no host name has." >&2; exit 1; }
    make_certificate
    echo "Browsers will warn once: the certificate $data/$HOST.pem was made here."
    bracketed=$HOST
    [[ $HOST != *:* ]] || bracketed="[$HOST]"
    flags+=(--http.listen=0.0.0.0:8443,[::]:8443 --http.public_url="https://$bracketed:8443"
        --tls.certificate="$data/$HOST.pem" --tls.key="$data/$HOST.key")
fi
program=build/release/src/server/incamera
echo "Open the start address below to start a meeting. For another one, while this runs: $program start-address ${flags[*]}"
exec "$program" serve "${flags[@]}"
