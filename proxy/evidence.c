/* SPDX-License-Identifier: MIT */
#include "evidence.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "memory.h"

enum { SCRIPT_MAX_BYTES = 64 * 1024, FILE_MODE = 0600 };

struct evidence {
    char *directory;
    unsigned messages; /* written so far */
};

/* One signature on its way into files. Nothing from the message stands in the script: it is code. */
struct item {
    const struct evidence *evidence;
    char stem[64]; /* "message-1-signature-2" */
    const struct dsig_evidence *facts;
    const struct dsig_signature *signature; /* NULL: of a query */
    unsigned message;
    size_t position; /* of ds:Signature in the message, 1-based; 0: it is in a decrypted part */
    struct buf script;
};

/* --- the directory -------------------------------------------------------------------------------------- */

static bool
is_empty(const char *path, char **why)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    bool empty = true, lists = false;

    if (directory == NULL) {
        *why = xprintf("--evidence %s: cannot be read: %s", path, strerror(errno));
        return false;
    }
    while ((entry = readdir(directory)) != NULL) {
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
        lists = lists || str_ends_c(str_from(entry->d_name), ".json");
    }
    closedir(directory);
    if (!empty)
        *why = xprintf("--evidence %s: is not empty; name a directory that is new%s", path,
                       lists ? " (--evidence-dir is the option that reads lists of the AWS CLI from a directory)" : "");
    return empty;
}

struct evidence *
evidence_new(const char *directory, char **why)
{
    struct evidence *evidence;

    if (!file_make_directory(directory, why) || !is_empty(directory, why))
        return NULL;
    if (chmod(directory, 0700) != 0) {
        *why = xprintf("--evidence %s: cannot be closed to others: %s", directory, strerror(errno));
        return NULL;
    }
    evidence = xcalloc(1, sizeof(*evidence));
    evidence->directory = xstrdup(directory);
    return evidence;
}

void
evidence_free(struct evidence *evidence)
{
    if (evidence != NULL)
        free(evidence->directory);
    free(evidence);
}

static bool
write_file(const struct evidence *evidence, const char *stem, const char *tail, struct str bytes, char **why)
{
    char *path;
    bool written;

    if (!str_present(bytes))
        return true;
    path = xprintf("%s/%s%s", evidence->directory, stem, tail);
    written = file_create(path, FILE_MODE, bytes, why);
    free(path);
    return written;
}

/* --- the script ------------------------------------------------------------------------------------------ */

/* OpenSSL's name of a hash as its commands take it. */
static const char *
command_digest(const char *name, char *out, size_t size)
{
    size_t i = 0;

    for (; name[i] != '\0' && i + 1 < size; i++)
        out[i] = (char)tolower((unsigned char)name[i]);
    out[i] = '\0';
    return out;
}

static void
script_digest(struct item *item)
{
    char digest[24];

    if (item->signature == NULL || !str_present(item->signature->canonical) || item->facts->digest == NULL)
        return;
    buf_printf(&item->script,
               "\necho 'Digest of the canonical signed element, then what DigestValue says:'\n"
               "openssl dgst -%s -binary %s-element.xml | openssl base64 -A; echo\n"
               "cat %s-digest-stated.txt; echo\n",
               command_digest(item->facts->digest, digest, sizeof(digest)), item->stem, item->stem);
}

static void
script_value(struct item *item)
{
    const struct dsig_evidence *facts = item->facts;
    const char *bytes = item->signature != NULL ? "signedinfo.xml" : "octets.txt";
    char digest[24] = "";

    if (facts->scheme == NULL || !str_present(facts->key_pem) || !str_present(facts->value) ||
        !str_present(facts->signed_bytes))
        return;
    buf_printf(&item->script, "\necho 'Signature value over %s with the key in %s-key.pem:'\n",
               item->signature != NULL ? "the canonical SignedInfo" : "the octets of the query", item->stem);
    if (facts->value_digest == NULL) {
        buf_printf(&item->script,
                   "openssl pkeyutl -verify -pubin -inkey %s-key.pem -rawin -in %s-%s -sigfile %s-value.bin\n",
                   item->stem, item->stem, bytes, item->stem);
        return;
    }
    command_digest(facts->value_digest, digest, sizeof(digest));
    buf_printf(&item->script, "openssl dgst -%s ", digest);
    if (strcmp(facts->scheme, "rsa-pss") == 0) {
        buf_add_c(&item->script, "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:");
        if (facts->salt_length >= 0)
            buf_printf(&item->script, "%d ", facts->salt_length);
        else
            buf_add_c(&item->script, "digest ");
    }
    buf_printf(&item->script, "-verify %s-key.pem -signature %s-value.bin %s-%s\n", item->stem, item->stem, item->stem,
               bytes);
    if (strcmp(facts->scheme, "rsa") == 0)
        buf_printf(&item->script,
                   "echo 'What the signer hashed (the last line), by the same key, then the hash of what is here:'\n"
                   "openssl pkeyutl -verifyrecover -pubin -inkey %s-key.pem -in %s-value.bin -asn1parse\n"
                   "openssl dgst -%s %s-%s\n",
                   item->stem, item->stem, digest, item->stem, bytes);
}

static void
script_xmlsec(struct item *item)
{
    static const char *const elements[] = { "Response", "Assertion", "AuthnRequest", "LogoutRequest",
                                            "LogoutResponse" };
    const char *name = NULL;

    for (size_t i = 0; item->signature != NULL && i < COUNT_OF(elements); i++)
        if (str_eq_c(item->signature->parent_name, elements[i]))
            name = elements[i];
    if (name == NULL || item->position == 0 || !str_present(item->facts->key_pem))
        return;
    buf_printf(&item->script,
               "\necho 'All of it by xmlsec1:'\n"
               "lax=$(xmlsec1 --help-verify 2>/dev/null | grep -o -e '--lax-key-search' | head -n 1)\n"
               "xmlsec1 --verify $lax --enabled-key-data key-name --pubkey-pem %s-key.pem \\\n"
               "  --id-attr:ID urn:oasis:names:tc:SAML:2.0:%s:%s \\\n"
               "  --node-xpath '(//*[local-name()=\"Signature\" and "
               "namespace-uri()=\"http://www.w3.org/2000/09/xmldsig#\"])[%zu]' \\\n"
               "  message-%u.xml\n",
               item->stem, strcmp(name, "Assertion") == 0 ? "assertion" : "protocol", name, item->position,
               item->message);
}

/* --- files of one signature --------------------------------------------------------------------------------- */

/* base64 as written, less everything that is none. */
static struct str
only_base64(const struct report *report, struct str text)
{
    char *clean = arena_alloc(report->arena, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; clean != NULL && i < text.len; i++)
        if (isalnum((unsigned char)text.ptr[i]) || strchr("+/=", text.ptr[i]) != NULL)
            clean[len++] = text.ptr[i];
    return clean != NULL ? (struct str){ clean, len } : (struct str){ 0 };
}

static bool
write_item(struct item *item, const struct report *report, char **why)
{
    const struct dsig_signature *signature = item->signature;
    const struct dsig_evidence *facts = item->facts;
    bool written;

    buf_init(&item->script, SCRIPT_MAX_BYTES);
    buf_printf(&item->script, "#!/bin/sh\n"
                              "# What samltap verified, to repeat with other tools: run it with sh, in any directory.\n"
                              "cd \"$(dirname \"$0\")\" || exit 1\n");
    script_digest(item);
    script_value(item);
    script_xmlsec(item);
    written =
        !buf_failed(&item->script) &&
        (signature == NULL || (write_file(item->evidence, item->stem, "-element.xml", signature->canonical, why) &&
                               write_file(item->evidence, item->stem, "-digest-stated.txt",
                                          only_base64(report, signature->digest_stated), why))) &&
        write_file(item->evidence, item->stem, signature != NULL ? "-signedinfo.xml" : "-octets.txt",
                   facts->signed_bytes, why) &&
        write_file(item->evidence, item->stem, "-value.bin", facts->value, why) &&
        write_file(item->evidence, item->stem, "-key.pem", facts->key_pem, why) &&
        write_file(item->evidence, item->stem, "-check.sh", buf_str(&item->script), why);
    if (!written && *why == NULL)
        *why = xprintf("%s: the commands for %s do not fit", item->evidence->directory, item->stem);
    buf_release(&item->script);
    return written;
}

/* --- encryption ------------------------------------------------------------------------------------------------ */

/* How openssl names the padding of a key transport; NULL: not one that it can undo here. */
static const char *
padding_of(const struct saml_encrypted *facts)
{
    static const struct {
        const char *algorithm, *digest, *mask, *options;
    } rows[] = {
        { "#rsa-1_5", "", "", "-pkeyopt rsa_padding_mode:pkcs1" },
        { "#rsa-oaep-mgf1p", "", "", "-pkeyopt rsa_padding_mode:oaep" },
        { "#rsa-oaep-mgf1p", "#sha1", "", "-pkeyopt rsa_padding_mode:oaep" },
        { "#rsa-oaep-mgf1p", "#sha256", "",
          "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha1" },
        { "#rsa-oaep", "#sha256", "#mgf1sha256",
          "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256" },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_ends_c(facts->key_algorithm, rows[i].algorithm) &&
            str_ends_c(facts->digest_algorithm, rows[i].digest) &&
            (facts->digest_algorithm.len > 0) == (rows[i].digest[0] != '\0') &&
            (rows[i].mask[0] == '\0' || str_ends_c(facts->mask_algorithm, rows[i].mask)))
            return rows[i].options;
    return NULL;
}

/*
 * The reader brings the private key: none is written here, and the script prints how long the secret key is,
 * never the key itself.
 */
static void
script_encryption(struct buf *script, const char *stem, const struct saml_encrypted *facts, unsigned message,
                  size_t position)
{
    const char *padding = padding_of(facts);

    buf_printf(script,
               "#!/bin/sh\n"
               "# What samltap tried to open, to repeat with other tools and your private key (PEM):\n"
               "#   KEY=/path/to/sp-key.pem sh %s-check.sh\n"
               ": \"${KEY:?set KEY to the private key of the service provider, in PEM}\"\n"
               "KEY=$(realpath \"$KEY\") && cd \"$(dirname \"$0\")\" || exit 1\n",
               stem);
    if (padding != NULL)
        buf_printf(script,
                   "\necho 'Bytes of the secret key inside EncryptedKey (0: this private key does not open it):'\n"
                   "openssl pkeyutl -decrypt -inkey \"$KEY\" %s -in %s-key.bin 2>/dev/null | wc -c\n",
                   padding, stem);
    if (position > 0)
        buf_printf(script,
                   "\necho 'All of it by xmlsec1 (1.2 knows OAEP only with SHA-1):'\n"
                   "lax=$(xmlsec1 --help-decrypt 2>/dev/null | grep -o -e '--lax-key-search' | head -n 1)\n"
                   "if xmlsec1 --decrypt $lax --privkey-pem \"$KEY\" --node-xpath "
                   "'(//*[namespace-uri()=\"urn:oasis:names:tc:SAML:2.0:assertion\"]"
                   "/*[local-name()=\"EncryptedData\"])[%zu]' message-%u.xml >/dev/null 2>&1\n"
                   "then echo opened; else echo 'not opened'; fi\n",
                   position, message);
}

static bool
write_encryption(const struct evidence *evidence, const struct saml_encrypted *facts, size_t number, size_t position,
                 char **why)
{
    unsigned message = evidence->messages;
    struct buf script;
    char stem[64];
    bool written;

    snprintf(stem, sizeof(stem), "message-%u-encrypted-%zu", message, number);
    buf_init(&script, SCRIPT_MAX_BYTES);
    script_encryption(&script, stem, facts, message, position);
    written = !buf_failed(&script) && write_file(evidence, stem, "-key.bin", facts->wrapped_key, why) &&
              write_file(evidence, stem, "-data.bin", facts->ciphertext, why) &&
              write_file(evidence, stem, "-check.sh", buf_str(&script), why);
    if (!written && *why == NULL)
        *why = xprintf("%s: the commands for %s do not fit", evidence->directory, stem);
    buf_release(&script);
    return written;
}

static bool
write_encryptions(const struct evidence *evidence, const struct saml_message *saml, char **why)
{
    size_t position = 0;

    for (size_t i = 0; i < saml->encrypted_count; i++) {
        const struct saml_encrypted *facts = &saml->encrypted[i];

        /* Without EncryptedKey, or with a broken one, there is nothing to repeat. */
        if (!str_present(facts->ciphertext) || !str_present(facts->wrapped_key))
            continue;
        position += facts->where.document == 0;
        if (!write_encryption(evidence, facts, i + 1, facts->where.document == 0 ? position : 0, why))
            return false;
    }
    return true;
}

/* --- messages ---------------------------------------------------------------------------------------------------- */

static bool
write_message(struct evidence *evidence, const struct report *report, const struct message *message, char **why)
{
    const struct saml_message *saml = message->saml;
    struct item item = { .evidence = evidence, .facts = message->query_signature.evidence };
    size_t position = 0;
    char stem[32];

    if ((saml == NULL || (saml->signature_count == 0 && saml->encrypted_count == 0)) && item.facts == NULL)
        return true;
    item.message = ++evidence->messages;
    snprintf(stem, sizeof(stem), "message-%u", item.message);
    if (!write_file(evidence, stem, ".xml", message->xml, why))
        return false;
    snprintf(item.stem, sizeof(item.stem), "%s-query", stem);
    if (item.facts != NULL && !write_item(&item, report, why))
        return false;
    for (size_t i = 0; saml != NULL && i < saml->signature_count; i++) {
        item.signature = &saml->signatures[i];
        item.facts = item.signature->evidence;
        item.position = item.signature->document == 0 ? ++position : 0;
        snprintf(item.stem, sizeof(item.stem), "%s-signature-%zu", stem, i + 1);
        if (item.facts != NULL && !write_item(&item, report, why))
            return false;
    }
    return saml == NULL || write_encryptions(evidence, saml, why);
}

bool
evidence_write(struct evidence *evidence, const struct report *report, char **why)
{
    for (size_t i = 0; i < report->messages.count; i++)
        if (!write_message(evidence, report, &report->messages.items[i], why))
            return false;
    return true;
}
