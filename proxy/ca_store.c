/* SPDX-License-Identifier: MIT */
#include "ca_store.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"
#include "memory.h"
#include "xstime.h"

enum { PEM_MAX_BYTES = 256 * 1024 };

char *
state_directory_path(const struct options *options, char **why)
{
    const char *given = options_text(options, OPT_STATE_DIR);
    const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (given != NULL)
        return xstrdup(given);
    if (base != NULL && *base == '/')
        return xprintf("%s/samltap", base);
    if (home != NULL && *home == '/')
        return xprintf("%s/.local/state/samltap", home);
    *why = xstrdup("there is no home directory to keep the CA in; give --state-dir DIR");
    return NULL;
}

char *
state_directory(const struct options *options, char **why)
{
    char *path = state_directory_path(options, why);

    if (path != NULL && file_make_directory(path, why))
        return path;
    free(path);
    return NULL;
}

static void
wipe(struct buf *secret)
{
    if (secret->bytes != NULL)
        OPENSSL_cleanse(secret->bytes, secret->capacity);
    buf_release(secret);
}

/* Our own key must be private; a key that the user names may be shared on purpose: that is only said. */
static bool
key_is_private(const struct ca_store *store, char **why)
{
    const char *path = store->key_path;
    struct stat status;

    if (stat(path, &status) != 0) {
        *why = xprintf("%s: cannot be read: %s", path, strerror(errno));
        return false;
    }
    if (!(status.st_mode & (S_IRWXG | S_IRWXO)))
        return true;
    if (store->own)
        *why = xprintf("%s: other users can read this CA key; run: chmod 600 '%s'", path, path);
    else
        log_warn("%s: other users can read this CA key; chmod 600 '%s' prevents that", path, path);
    return !store->own;
}

static bool
load(struct ca_store *store, char **why)
{
    const char *reason = NULL;
    struct buf certificate, key;
    bool read;

    if (!key_is_private(store, why))
        return false;
    buf_init(&key, PEM_MAX_BYTES);
    read = file_read_input(store->certificate_path, PEM_MAX_BYTES, &certificate, why) &&
           file_read_input(store->key_path, PEM_MAX_BYTES, &key, why);
    if (read) {
        store->ca = ca_load(buf_str(&certificate), buf_str(&key), &reason);
        if (store->ca == NULL)
            *why = strcmp(store->certificate_path, store->key_path) == 0
                       ? xprintf("%s: %s", store->certificate_path, reason)
                       : xprintf("%s with %s: %s", store->certificate_path, store->key_path, reason);
    }
    buf_release(&certificate);
    wipe(&key);
    return store->ca != NULL;
}

/* "samltap HOST 2026-01-31" */
static char *
new_name(int64_t now_s)
{
    char host[65] = "", when[32];

    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
        strcpy(host, "localhost");
    host[strcspn(host, ".")] = '\0';
    xstime_format_into(when, sizeof(when), now_s * 1000);
    return xprintf("samltap %.32s %.10s", host, when);
}

static bool
save(const struct ca_store *store, char **why)
{
    struct buf certificate, key;
    bool saved = false;

    buf_init(&certificate, PEM_MAX_BYTES);
    buf_init(&key, PEM_MAX_BYTES);
    if (!ca_certificate_pem(store->ca, &certificate) || !ca_key_pem(store->ca, &key))
        *why = xstrdup("out of memory while the CA was written");
    else
        saved = file_create(store->key_path, 0600, buf_str(&key), why) &&
                file_create(store->certificate_path, 0600, buf_str(&certificate), why);
    buf_release(&certificate);
    wipe(&key);
    return saved;
}

static bool
create(struct ca_store *store, const char *const *hosts, size_t host_count, int64_t now_s, char **why)
{
    char *name = new_name(now_s);
    struct ca_options options = {
        .name = name, .days = CA_DAYS, .hosts = hosts, .host_count = host_count, .now_s = now_s
    };
    const char *reason = NULL;

    unlink(store->key_path);
    unlink(store->certificate_path);
    store->ca = ca_create(&options, &reason);
    free(name);
    if (store->ca == NULL) {
        *why = xprintf("the CA cannot be made: %s", reason);
        return false;
    }
    store->created = true;
    return save(store, why);
}

/* True when the loaded CA has run out; then it is dropped and that is said. */
static bool
drop_expired(struct ca_store *store, int64_t now_s)
{
    char when[32];

    if (store->ca == NULL || ca_not_after_s(store->ca) > now_s)
        return false;
    xstime_format_into(when, sizeof(when), ca_not_after_s(store->ca) * 1000);
    log_warn("the CA expired on %.10s; a new one is made, and browsers must be told to trust it", when);
    ca_free(store->ca);
    store->ca = NULL;
    return true;
}

static bool
open_own(struct ca_store *store, enum ca_store_mode mode, const char *const *hosts, size_t host_count, int64_t now_s,
         char **why)
{
    bool complete = access(store->key_path, F_OK) == 0 && access(store->certificate_path, F_OK) == 0;

    if (complete && !load(store, why))
        return false;
    if (complete && (mode == CA_STORE_LOAD || !drop_expired(store, now_s)))
        return true;
    if (mode == CA_STORE_CREATE)
        return create(store, hosts, host_count, now_s, why);
    *why = xprintf("there is no CA yet (%s); 'samltap ca create' makes one, 'samltap proxy' does it by itself",
                   store->certificate_path);
    return false;
}

bool
ca_store_open(struct ca_store *store, const struct options *options, const char *directory, enum ca_store_mode mode,
              const char *const *hosts, size_t host_count, int64_t now_s, char **why)
{
    const char *certificate = options_text(options, OPT_CA_CERT), *key = options_text(options, OPT_CA_KEY);
    bool opened;
    int lock;

    *store = (struct ca_store){ 0 };
    if (certificate != NULL || key != NULL) {
        /* One file may hold both, as mitmproxy writes it. */
        store->certificate_path = xstrdup(certificate ? certificate : key);
        store->key_path = xstrdup(key ? key : certificate);
        return load(store, why);
    }
    store->own = true;
    store->certificate_path = xprintf("%s/samltap-ca-cert.pem", directory);
    store->key_path = xprintf("%s/samltap-ca-key.pem", directory);
    lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) {
        *why = xprintf("%s: cannot be locked: %s", directory, strerror(errno));
        opened = false;
    } else {
        opened = open_own(store, mode, hosts, host_count, now_s, why);
    }
    if (lock >= 0)
        close(lock);
    return opened;
}

void
ca_store_release(struct ca_store *store)
{
    ca_free(store->ca);
    free(store->certificate_path);
    free(store->key_path);
    *store = (struct ca_store){ 0 };
}

bool
ca_store_remove(const char *directory, char **why)
{
    char *certificate = xprintf("%s/samltap-ca-cert.pem", directory);
    char *key = xprintf("%s/samltap-ca-key.pem", directory);
    bool key_gone = unlink(key) == 0 || errno == ENOENT;
    bool removed = key_gone && unlink(certificate) == 0;

    if (!removed && errno == ENOENT)
        *why = xprintf("there is no CA in %s", directory);
    else if (!removed)
        *why = xprintf("%s: cannot be removed: %s", key_gone ? certificate : key, strerror(errno));
    free(certificate);
    free(key);
    return removed;
}
