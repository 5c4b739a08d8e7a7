/* stream.h - what a participant may send and how it is encoded: the words that the media path, the
 * worker's control messages and the end-to-end core share. */
#pragma once

/* Numbers equal the SFrame contexts of docs/protocol.md. */
enum ic_stream {
    IC_STREAM_MICROPHONE,
    IC_STREAM_CAMERA,
    IC_STREAM_SCREEN,
    IC_STREAM_SCREEN_AUDIO,
    IC_STREAMS,
};

enum ic_codec {
    IC_CODEC_OPUS,
    IC_CODEC_VP8,
    IC_CODEC_VP9,
    IC_CODEC_AV1,
    IC_CODEC_H264,
    IC_CODECS,
};
