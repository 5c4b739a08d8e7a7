/* http_pages.c - answers requests with the files of the web client. */
#include <string.h>

#include "server/http_private.h"

int ic_http_write_headers(struct lws *wsi, unsigned status, const char *type, size_t len,
                          const char *etag)
{
    uint8_t buffer[LWS_PRE + IC_HTTP_ANSWER_HEADERS], *start = buffer + LWS_PRE, *p = start,
                                                      *end = buffer + sizeof buffer - 1;
    static const char cache[] = "no-cache"; /* ask again each time; the ETag makes that cheap */

    if (lws_add_http_common_headers(wsi, status, type, len, &p, end) ||
        lws_add_http_header_by_name(wsi, (const uint8_t *)"cache-control:", (const uint8_t *)cache,
                                    (int)strlen(cache), &p, end) ||
        (etag && lws_add_http_header_by_name(wsi, (const uint8_t *)"etag:", (const uint8_t *)etag,
                                             (int)strlen(etag), &p, end)) ||
        lws_finalize_write_http_header(wsi, start, &p, end))
        return -1;
    return 0;
}

static int completed(struct lws *wsi)
{
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int begin_body(struct lws *wsi, struct ic_http_answer *answer, const void *bytes, size_t len)
{
    *answer = (struct ic_http_answer){bytes, len, true};
    lws_callback_on_writable(wsi);
    return 0;
}

/* Over HTTP/2 the library ends a stream only with data, so an empty piece has to be sent. */
static int without_body(struct lws *wsi, struct ic_http_answer *answer)
{
    bool http2 = lws_get_network_wsi(wsi) != wsi;
    return http2 ? begin_body(wsi, answer, NULL, 0) : completed(wsi);
}

static int refuse(struct lws *wsi, struct ic_http_answer *answer, unsigned status)
{
    static const char text[] = "incamera does not serve this.\n";

    if (ic_http_write_headers(wsi, status, "text/plain; charset=utf-8", strlen(text), NULL) != 0)
        return -1;
    return begin_body(wsi, answer, text, strlen(text));
}

enum method { METHOD_GET, METHOD_HEAD, METHOD_OTHER };

static enum method method_of(struct lws *wsi)
{
    char method[8];

    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_COLON_METHOD) > 0) { /* HTTP/2 */
        if (!ic_http_header_text(wsi, WSI_TOKEN_HTTP_COLON_METHOD, method, sizeof method))
            return METHOD_OTHER;
        return strcmp(method, "GET") == 0    ? METHOD_GET
               : strcmp(method, "HEAD") == 0 ? METHOD_HEAD
                                             : METHOD_OTHER;
    }
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0)
        return METHOD_HEAD;
    return lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 ? METHOD_GET : METHOD_OTHER;
}

int ic_http_serve(struct lws *wsi, struct ic_http_answer *answer, const char *path)
{
    const struct ic_web_file *file = ic_web_files_find(ic_http_of(wsi)->settings->files, path);
    enum method method = method_of(wsi);
    char known[IC_WEB_ETAG_SIZE];

    *answer = (struct ic_http_answer){0};
    if (method == METHOD_OTHER)
        return refuse(wsi, answer, HTTP_STATUS_METHOD_NOT_ALLOWED);
    if (!file)
        return refuse(wsi, answer, HTTP_STATUS_NOT_FOUND);
    if (ic_http_header_text(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, known, sizeof known) &&
        strcmp(known, file->etag) == 0)
        return ic_http_write_headers(wsi, HTTP_STATUS_NOT_MODIFIED, file->type, file->bytes.len,
                                     file->etag) != 0
                   ? -1
                   : without_body(wsi, answer);
    if (ic_http_write_headers(wsi, HTTP_STATUS_OK, file->type, file->bytes.len, file->etag) != 0)
        return -1;
    if (method == METHOD_HEAD || file->bytes.len == 0)
        return without_body(wsi, answer);
    return begin_body(wsi, answer, file->bytes.at, file->bytes.len);
}

int ic_http_write_body(struct lws *wsi, struct ic_http_answer *answer)
{
    uint8_t buffer[LWS_PRE + IC_HTTP_BODY_PIECE];
    size_t piece = answer->left < IC_HTTP_BODY_PIECE ? answer->left : IC_HTTP_BODY_PIECE;
    lws_fileofs_t allowed = lws_get_peer_write_allowance(wsi); /* HTTP/2; -1: no limit */

    if (!answer->open)
        return 0;
    if (allowed == 0 && piece > 0)
        return 0; /* the peer's window update makes the stream writable again */
    if (allowed > 0 && (size_t)allowed < piece)
        piece = (size_t)allowed;
    if (piece > 0)
        memcpy(buffer + LWS_PRE, answer->at, piece);
    bool is_last = piece == answer->left;
    if (lws_write(wsi, buffer + LWS_PRE, piece, is_last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
        (int)piece)
        return -1;
    answer->at += piece;
    answer->left -= piece;
    answer->open = !is_last;
    if (is_last)
        return completed(wsi);
    lws_callback_on_writable(wsi);
    return 0;
}
