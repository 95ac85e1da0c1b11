/* SPDX-License-Identifier: MIT */
#include "decode_words.h"

const char *
anomaly_words(enum anomaly_id id)
{
    static const char *const words[ANOMALY_COUNT] = {
        [ANOMALY_DUPLICATE_PARAMETER] =
            "more than one parameter carries a message; receivers differ in which they read",
        [ANOMALY_BAD_PERCENT] = "a percent sign without two hexadecimal digits; it was taken as it stands",
        [ANOMALY_DOUBLE_PERCENT] = "percent-encoded twice; a strict receiver decodes once and sees no base64",
        [ANOMALY_PLUS_AS_SPACE] = "blanks in the base64 where a plus sign was: the sender did not percent-encode it",
        [ANOMALY_BASE64_WRAPPED] = "line breaks in the base64; most receivers skip them",
        [ANOMALY_BASE64_URLSAFE] = "base64 with - and _ in place of + and /; SAML does not use this alphabet",
        [ANOMALY_BASE64_PADDING] = "the = at the end of the base64 are missing or wrong in number",
        [ANOMALY_BASE64_TRAILING] = "data behind the end of the base64",
        [ANOMALY_BASE64_INVALID] = "not clean base64",
        [ANOMALY_DOUBLE_BASE64] = "base64 twice; a strict receiver decodes once and sees no XML",
        [ANOMALY_ZLIB_WRAPPED] = "compressed with a zlib header; the Redirect binding asks for raw DEFLATE",
        [ANOMALY_GZIP_WRAPPED] = "compressed as gzip; the Redirect binding asks for raw DEFLATE",
        [ANOMALY_DEFLATED_POST] = "compressed, though the POST binding does not compress",
        [ANOMALY_NOT_DEFLATED] = "not compressed, though the Redirect binding asks for DEFLATE",
        [ANOMALY_INFLATE_TRAILING] = "data behind the end of the compressed stream",
        [ANOMALY_INFLATE_BROKEN] = "the compressed stream is damaged or ends early; what came out is shown",
        [ANOMALY_HTML_ESCAPED] = "character references (&lt; …) where none belong",
        [ANOMALY_CHARSET] = "not in UTF-8",
        [ANOMALY_BOM] = "begins with a byte order mark",
        [ANOMALY_NUL] = "a NUL byte in the XML",
        [ANOMALY_TRUNCATED] = "the message ends in the middle: something on the way cut it",
        [ANOMALY_TOO_BIG] = "larger than what receivers take; only the beginning is shown",
        [ANOMALY_WRONG_FIELD_NAME] = "a message under a name that no binding knows",
        [ANOMALY_WRONG_CONTENT_TYPE] = "the Content-Type does not say what the body is",
        [ANOMALY_NOT_DECODABLE] = "no XML comes out of it",
    };

    return (unsigned)id < ANOMALY_COUNT && words[id] != NULL ? words[id] : "odd";
}

const char *
decode_step_words(enum decode_step step)
{
    static const char *const words[STEP_COUNT] = {
        [STEP_FORM] = "form field",
        [STEP_QUERY] = "query parameter",
        [STEP_HTML] = "HTML form field",
        [STEP_MULTIPART] = "multipart field",
        [STEP_JSON] = "JSON string",
        [STEP_PERCENT] = "percent-decoding",
        [STEP_PERCENT_AGAIN] = "percent-decoding again",
        [STEP_BASE64] = "base64",
        [STEP_BASE64_AGAIN] = "base64 again",
        [STEP_INFLATE_RAW] = "inflate",
        [STEP_INFLATE_ZLIB] = "inflate (zlib)",
        [STEP_INFLATE_GZIP] = "inflate (gzip)",
        [STEP_HTML_UNESCAPE] = "HTML unescape",
        [STEP_UTF8] = "to UTF-8",
    };

    return (unsigned)step < STEP_COUNT && words[step] != NULL ? words[step] : "unknown step";
}
