/* SPDX-License-Identifier: MIT */
#include "settings_files.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "file.h"
#include "jwk.h"
#include "memory.h"
#include "metadata.h"
#include "metadata_file.h"
#include "passphrase.h"

enum { KEY_MAX_BYTES = 4 * 1024 * 1024, PASSPHRASE_MAX_BYTES = 1024 };

/* What a metadata file must hold, by the option that named it. */
enum wanted_role { WANTED_ANY, WANTED_IDP, WANTED_SP };

struct reading {
    struct settings *settings;
    enum wanted_role wanted;
    char **why;
};

typedef bool read_one(struct reading *reading, const char *path);

/* --- metadata ----------------------------------------------------------------------------------------- */

static void
count_roles(const struct metadata *metadata, size_t *idps, size_t *sps)
{
    *idps = *sps = 0;
    for (size_t i = 0; i < metadata->entity_count; i++) {
        *idps += metadata->entities[i].idp.present;
        *sps += metadata->entities[i].sp.present;
    }
}

static bool
roles_are_as_wanted(const struct reading *reading, const struct metadata *metadata, const char *path)
{
    size_t idps, sps;

    count_roles(metadata, &idps, &sps);
    if (idps + sps == 0)
        *reading->why = xprintf("%s: holds neither an identity provider nor a service provider for SAML 2.0", path);
    else if (reading->wanted == WANTED_IDP && idps == 0)
        *reading->why = xprintf("%s: is metadata of a service provider; give it as --sp-metadata", path);
    else if (reading->wanted == WANTED_SP && sps == 0)
        *reading->why = xprintf("%s: is metadata of an identity provider; give it as --idp-metadata", path);
    else
        return true;
    return false;
}

static bool
read_metadata(struct reading *reading, const char *path)
{
    struct settings *settings = reading->settings;
    struct metadata *metadata = arena_alloc(settings->arena, sizeof(*metadata));

    if (metadata == NULL) {
        *reading->why = xprintf("%s: out of memory", path);
        return false;
    }
    if (!metadata_file_read(settings, path, metadata, reading->why) || !roles_are_as_wanted(reading, metadata, path))
        return false;
    metadata_add_keys(metadata, settings->keys);
    settings->metadata[settings->metadata_count++] = metadata;
    return true;
}

static bool
is_url(const char *path)
{
    return strncasecmp(path, "https://", 8) == 0 || strncasecmp(path, "http://", 7) == 0;
}

/* --- certificates and keys ---------------------------------------------------------------------------- */

static bool
read_certificate(struct reading *reading, const char *path)
{
    const char *reason = NULL;
    struct buf file;
    bool done = file_read_input(path, KEY_MAX_BYTES, &file, reading->why);

    if (done && key_set_add_trusted(reading->settings->keys, buf_str(&file),
                                    arena_copy_c(reading->settings->arena, path), (struct str){ 0 }, &reason) == 0) {
        *reading->why = xprintf("%s: %s; give the signing certificate of the identity provider as PEM, DER or base64",
                                path, reason ? reason : "no certificate or public key in it");
        done = false;
    }
    buf_release(&file);
    return done;
}

static bool
read_metadata_signer(struct reading *reading, const char *path)
{
    const char *reason = NULL;
    struct buf file;
    bool done = file_read_input(path, KEY_MAX_BYTES, &file, reading->why);

    if (done && key_set_add_trusted(reading->settings->metadata_signers, buf_str(&file),
                                    arena_copy_c(reading->settings->arena, path), (struct str){ 0 }, &reason) == 0) {
        *reading->why = xprintf("%s: %s; give the certificate of who signs the metadata as PEM, DER or base64", path,
                                reason ? reason : "no certificate or public key in it");
        done = false;
    }
    buf_release(&file);
    return done;
}

static bool
read_jwks(struct reading *reading, const char *path)
{
    struct jwk_set *jwks = reading->settings->jwks;
    size_t before = jwk_set_count(jwks), usable = 0;
    const char *reason = NULL;
    struct buf file;
    bool done = file_read_input(path, JWK_MAX_BYTES, &file, reading->why);

    if (done) {
        done = jwk_set_add(jwks, buf_str(&file), &reason);
        for (size_t i = before; i < jwk_set_count(jwks); i++) {
            usable += jwk_set_at(jwks, i)->key != NULL;
            reason = jwk_set_at(jwks, i)->key == NULL ? jwk_set_at(jwks, i)->problem : reason;
        }
        if (!done || usable == 0)
            *reading->why = xprintf("%s: %s%s; give what the provider's jwks_uri answers", file_display_name(path),
                                    done ? "no key can be used: " : "", reason);
        done = done && usable > 0;
    }
    buf_release(&file);
    return done;
}

/* PEM says that it is encrypted; PKCS#12, which is DER, nearly always is. */
static bool
may_need_passphrase(struct str bytes)
{
    return str_find_c(bytes, "ENCRYPTED") != SIZE_MAX || str_starts_c(bytes, "\x30");
}

static bool
try_with_passphrase(struct reading *reading, const char *path, struct str bytes, const char **reason)
{
    char *prompt = xprintf("Passphrase of %s: ", file_display_name(path));
    struct buf passphrase;
    bool done = false;

    buf_init(&passphrase, PASSPHRASE_MAX_BYTES);
    buf_reserve(&passphrase, PASSPHRASE_MAX_BYTES);
    if (passphrase_ask(prompt, &passphrase))
        done = key_set_add_decryption(reading->settings->keys, bytes, buf_str(&passphrase), reason);
    else
        *reason = "is encrypted, and there is no terminal to ask for the passphrase";
    if (passphrase.bytes != NULL)
        OPENSSL_cleanse(passphrase.bytes, passphrase.capacity);
    buf_release(&passphrase);
    free(prompt);
    return done;
}

static bool
read_decryption_key(struct reading *reading, const char *path)
{
    const char *reason = NULL;
    struct buf file;
    bool done = file_read_input(path, KEY_MAX_BYTES, &file, reading->why);

    if (!done)
        goto out;
    done = key_set_add_decryption(reading->settings->keys, buf_str(&file), (struct str){ 0 }, &reason) ||
           (may_need_passphrase(buf_str(&file)) && try_with_passphrase(reading, path, buf_str(&file), &reason));
    if (!done)
        *reading->why = xprintf("%s: %s; give the service provider's private key as PEM, DER or PKCS#12",
                                file_display_name(path), reason ? reason : "no private key in it");
out:
    if (file.bytes != NULL)
        OPENSSL_cleanse(file.bytes, file.capacity);
    buf_release(&file);
    return done;
}

/* --- files and directories ----------------------------------------------------------------------------- */

static bool
has_ending(const char *path, const char *endings)
{
    const char *dot = strrchr(path, '.');
    struct str rest = str_from(endings), ending;

    while (dot != NULL && str_present(rest)) {
        str_cut(rest, ' ', &ending, &rest);
        if (str_eq_nocase(str_from(dot + 1), ending))
            return true;
    }
    return false;
}

static bool
read_directory(struct reading *reading, const char *directory, const char *endings, read_one *read)
{
    size_t count = 0, used = 0;
    char **paths = file_list_directory(directory, &count, reading->why);
    bool done = paths != NULL;

    for (size_t i = 0; paths != NULL && i < count; i++) {
        if (done && has_ending(paths[i], endings)) {
            done = read(reading, paths[i]);
            used++;
        }
        free(paths[i]);
    }
    free(paths);
    if (done && used == 0) {
        *reading->why = xprintf("%s: no file in it ends in one of: %s", directory, endings);
        done = false;
    }
    return done;
}

static bool
read_all(struct reading *reading, const struct options *options, enum option_id id, const char *endings, read_one *read)
{
    for (size_t i = 0; i < options_list_count(options, id); i++) {
        const char *path = options_list_at(options, id, i);

        if (is_url(path)) {
            *reading->why =
                xprintf("--%s takes a file; download it first: curl -o metadata.xml '%s'", option_row(id)->name, path);
            return false;
        }
        if (!(file_is_directory(path) ? read_directory(reading, path, endings, read) : read(reading, path)))
            return false;
    }
    return true;
}

/* How many files there may be at most: a directory holds up to 1000. */
static size_t
most_metadata(const struct options *options)
{
    static const enum option_id ids[] = { OPT_METADATA, OPT_IDP_METADATA, OPT_SP_METADATA };
    size_t most = 1;

    for (size_t i = 0; i < COUNT_OF(ids); i++)
        for (size_t j = 0; j < options_list_count(options, ids[i]); j++)
            most += file_is_directory(options_list_at(options, ids[i], j)) ? FILE_MAX_LISTED : 1;
    return most;
}

bool
settings_read_files(struct settings *settings, const struct options *options, char **why)
{
    struct reading any = { .settings = settings, .wanted = WANTED_ANY, .why = why };
    struct reading idp = { .settings = settings, .wanted = WANTED_IDP, .why = why };
    struct reading sp = { .settings = settings, .wanted = WANTED_SP, .why = why };
    static const char certificates[] = "pem crt cer der", keys[] = "pem key der p12 pfx";

    settings->metadata = arena_calloc(settings->arena, most_metadata(options), sizeof(*settings->metadata));
    if (settings->metadata == NULL) {
        *why = xstrdup("out of memory while the metadata was read");
        return false;
    }
    return read_all(&any, options, OPT_METADATA_CERT, certificates, read_metadata_signer) &&
           read_all(&any, options, OPT_METADATA, "xml", read_metadata) &&
           read_all(&idp, options, OPT_IDP_METADATA, "xml", read_metadata) &&
           read_all(&sp, options, OPT_SP_METADATA, "xml", read_metadata) &&
           read_all(&any, options, OPT_IDP_CERT, certificates, read_certificate) &&
           read_all(&any, options, OPT_DECRYPT_KEY, keys, read_decryption_key) &&
           read_all(&any, options, OPT_JWKS, "json jwks", read_jwks);
}
