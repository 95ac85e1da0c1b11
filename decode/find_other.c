/* SPDX-License-Identifier: MIT */
/* What a file is that holds no message: said in one line, with the way out. */
#include "base64.h"
#include "find_parts.h"
#include "keys.h"

enum { LOOK_AT = 4096, SHOWN_BYTES = 8, MIN_BLOB = 16, MAX_CERTIFICATE = 64 * 1024 };

struct magic {
    struct str bytes;
    const char *words;
};

static const struct magic magics[] = {
    { STR_INIT("\x89PNG\r\n"), "a PNG image: a picture holds no message, copy the text" },
    { STR_INIT("\xff\xd8\xff"), "a JPEG image: a picture holds no message, copy the text" },
    { STR_INIT("GIF8"), "a GIF image: a picture holds no message, copy the text" },
    { STR_INIT("%PDF-"), "a PDF document: copy the text out of it, or ask for the original" },
    { STR_INIT("PK\x03\x04"), "a ZIP archive (Office documents and Fiddler's .saz are ZIP, too): unpack it first" },
    { STR_INIT("\xd0\xcf\x11\xe0"), "an Outlook message or old Office document: save it as text or .eml" },
    { STR_INIT("\xd4\xc3\xb2\xa1"), "a packet capture: TLS hides the messages in it, export a HAR from the browser" },
    { STR_INIT("\xa1\xb2\xc3\xd4"), "a packet capture: TLS hides the messages in it, export a HAR from the browser" },
    { STR_INIT("\x0a\x0d\x0d\x0a"), "a packet capture: TLS hides the messages in it, export a HAR from the browser" },
    { STR_INIT("7z\xbc\xaf\x27\x1c"), "a 7-Zip archive: unpack it first" },
    { STR_INIT("Rar!\x1a\x07"), "a RAR archive: unpack it first" },
    { STR_INIT("BZh9"), "bzip2 data: unpack it first" },
    { STR_INIT("\xfd"
               "7zXZ"),
      "xz data: unpack it first" },
    { STR_INIT("\x28\xb5\x2f\xfd"), "zstd data: unpack it first" },
    { STR_INIT("SQLite format 3"), "an SQLite database" },
    { STR_INIT("\x7f"
               "ELF"),
      "a program" },
};

/* PEM by the word in its first line; the first that fits counts. */
static const struct magic labels[] = {
    { STR_INIT("CERTIFICATE REQUEST"), "a certificate request: nothing of samltap takes it" },
    { STR_INIT("PRIVATE KEY"), "a private key (not shown): give it as --decrypt-key FILE beside a message" },
    { STR_INIT("CERTIFICATE"), "a certificate: give it as --idp-cert FILE beside a message" },
    { STR_INIT("PUBLIC KEY"), "a public key: give it as --idp-cert FILE beside a message" },
};

static const char *
pem_words(struct str text)
{
    struct str line, rest;

    if (!str_starts_c(text, "-----BEGIN "))
        return NULL;
    str_cut(text, '\n', &line, &rest);
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (str_find(line, labels[i].bytes) != SIZE_MAX)
            return labels[i].words;
    return "PEM of a kind that holds no message";
}

/* A SEQUENCE whose first member is INTEGER value, as PKCS#8 and PKCS#12 begin. */
static bool
begins_with_version(struct str der, char value)
{
    size_t length = der.len > 2 && (unsigned char)der.ptr[1] > 0x80 ? (unsigned char)der.ptr[1] & 0x7fu : 0;
    struct str rest = str_from_offset(der, 2 + length);

    return rest.len > 3 && rest.ptr[0] == 2 && rest.ptr[1] == 1 && rest.ptr[2] == value;
}

static const char *
der_words(struct arena *arena, struct str bytes)
{
    struct certificate_facts facts;

    if (bytes.len < 32 || bytes.len > MAX_CERTIFICATE || bytes.ptr[0] != 0x30 || (unsigned char)bytes.ptr[1] < 0x80)
        return NULL;
    if (begins_with_version(bytes, 0) || begins_with_version(bytes, 1))
        return "a private key in DER (not shown): give it as --decrypt-key FILE beside a message";
    if (begins_with_version(bytes, 3))
        return "a PKCS#12 file with a key (not shown): give it as --decrypt-key FILE beside a message";
    certificate_read(arena, bytes, STR("input"), &facts);
    return facts.parsed ? "a certificate in DER: give it as --idp-cert FILE beside a message" : NULL;
}

const char *
find_other(struct arena *arena, struct str bytes)
{
    const char *words = pem_words(str_trim(bytes));

    for (size_t i = 0; words == NULL && i < COUNT_OF(magics); i++)
        if (str_starts(bytes, magics[i].bytes))
            words = magics[i].words;
    return words != NULL ? words : der_words(arena, bytes);
}

static bool
is_text(struct str bytes)
{
    struct str head = str_slice(bytes, 0, LOOK_AT);

    for (size_t i = 0; i < head.len; i++) {
        unsigned char c = (unsigned char)head.ptr[i];

        if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\r' && c != '\n' && c != 0x1b))
            return false;
    }
    return true;
}

/* Not words: no blank in it, and letters of both cases with digits, or the "=" of the end. */
static bool
is_base64_blob(struct str s)
{
    bool upper = false, lower = false, digit = false;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        upper = upper || (c >= 'A' && c <= 'Z');
        lower = lower || (c >= 'a' && c <= 'z');
        digit = digit || (c >= '0' && c <= '9') || c == '+' || c == '/';
        if (c == ' ' || c == '\t')
            return false;
    }
    return s.len >= MIN_BLOB && find_sniff(s) == SNIFF_BASE64 && ((upper && lower && digit) || str_ends_c(s, "="));
}

static struct str
hex_of(struct arena *arena, struct str bytes)
{
    struct str hex = STR("");

    for (size_t i = 0; i < bytes.len && i < SHOWN_BYTES; i++)
        hex = arena_printf(arena, "%.*s%s%02x", STR_ARG(hex), i > 0 ? " " : "", (unsigned)(unsigned char)bytes.ptr[i]);
    return hex;
}

/* The digits of base64 come in groups of four: a piece out of the middle may begin at any of them. */
static bool
is_piece_of_xml(struct arena *arena, struct str text)
{
    struct base64_notes notes;
    struct str bytes;

    for (size_t i = 0; i < 4; i++)
        if (base64_decode(arena, str_from_offset(text, i), &bytes, &notes) && bytes.len > MIN_BLOB && is_text(bytes) &&
            (str_find_c(bytes, "</") != SIZE_MAX || str_find_c(bytes, "xmlns") != SIZE_MAX))
            return true;
    return false;
}

static struct str
describe_base64(struct arena *arena, struct str text)
{
    struct base64_notes notes;
    struct str bytes;
    const char *words;

    if (!base64_decode(arena, text, &bytes, &notes) || bytes.len == 0)
        return STR("looks like base64, but cannot be decoded");
    words = find_other(arena, bytes);
    if (words != NULL)
        return arena_printf(arena, "base64 of %s", words);
    if (is_piece_of_xml(arena, text))
        return STR("looks like the middle or the end of XML in base64: its beginning is missing, copy all of it");
    if (is_text(bytes))
        return arena_printf(arena, "looks like base64, but no SAML message comes out of it: %zu bytes of text",
                            bytes.len);
    return arena_printf(arena, "looks like base64, but no SAML message comes out of it: %zu bytes, the first are %.*s",
                        bytes.len, STR_ARG(hex_of(arena, bytes)));
}

struct str
find_describe(struct arena *arena, struct str bytes)
{
    const char *words = find_other(arena, bytes);
    struct str s = str_trim(bytes), what;

    if (words != NULL)
        what = arena_printf(arena, "looks like %s", words);
    else if (is_base64_blob(s))
        what = describe_base64(arena, s);
    else if (str_starts_c(s, "eyJ") && s.len > MIN_BLOB)
        what = STR("looks like a JSON Web Token that is not complete: one has 3 parts, or 5 when encrypted");
    else if (str_starts_nocase(s, STR("https://")) || str_starts_nocase(s, STR("http://")))
        what = STR("a URL without a message in it; samltap opens no URLs: download it and give the file");
    else if (is_text(bytes))
        what = arena_printf(arena, "text of %zu bytes without a message in it", s.len);
    else
        what = arena_printf(arena, "%zu bytes of an unknown kind, the first are %.*s", bytes.len,
                            STR_ARG(hex_of(arena, bytes)));
    return arena_printf(arena, "%.*s (accepted: " FIND_ACCEPTED ")", STR_ARG(what));
}
