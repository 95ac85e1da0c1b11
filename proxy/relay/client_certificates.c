/* SPDX-License-Identifier: MIT */
#include "client_certificates.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "file.h"
#include "memory.h"

struct row {
    char *host; /* NULL: every host */
    struct key_pair pair;
};

struct client_certificates {
    struct row *rows;
    size_t count;
};

static const char option[] = "--client-cert";

/* "/a/b/SP.example.com.pem" is for "SP.example.com"; NULL (not allocated): not a name of ours. */
static char *
host_of_file(const char *path)
{
    static const char *const endings[] = { ".pem", ".p12", ".pfx" };
    const char *slash = strrchr(path, '/');
    struct str name = str_from(slash != NULL ? slash + 1 : path);

    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (str_ends_c(name, endings[i]) && name.len > 4)
            return xstrndup(str_slice(name, 0, name.len - 4));
    return NULL;
}

/* Takes host. */
static bool
add(struct client_certificates *certificates, const char *path, char *host, char **why)
{
    struct row *row = xgrow((void **)&certificates->rows, &certificates->count, sizeof *row);

    *row = (struct row){ .host = host };
    return key_pair_read_any(&row->pair, path, option, why);
}

static bool
add_directory(struct client_certificates *certificates, const char *path, char **why)
{
    size_t count = 0;
    char **files = file_list_directory(path, &count, why);
    bool fine = files != NULL;

    for (size_t i = 0; i < count; i++) {
        char *host = fine ? host_of_file(files[i]) : NULL;

        if (host != NULL)
            fine = add(certificates, files[i], host, why);
        free(files[i]);
    }
    free(files);
    if (fine && certificates->count == 0)
        *why = xprintf("%s: holds no file named HOST.pem, HOST.p12 or HOST.pfx (%s)", path, option);
    return fine && certificates->count > 0;
}

struct client_certificates *
client_certificates_read(const char *path, char **why)
{
    struct client_certificates *certificates = xcalloc(1, sizeof *certificates);
    bool fine;

    *why = NULL;
    fine = file_is_directory(path) ? add_directory(certificates, path, why) : add(certificates, path, NULL, why);
    if (fine)
        return certificates;
    client_certificates_free(certificates);
    return NULL;
}

void
client_certificates_free(struct client_certificates *certificates)
{
    if (certificates == NULL)
        return;
    for (size_t i = 0; i < certificates->count; i++) {
        free(certificates->rows[i].host);
        key_pair_release(&certificates->rows[i].pair);
    }
    free(certificates->rows);
    free(certificates);
}

const struct key_pair *
client_certificates_for(const struct client_certificates *certificates, const char *host)
{
    for (size_t i = 0; certificates != NULL && i < certificates->count; i++)
        if (certificates->rows[i].host == NULL || strcasecmp(certificates->rows[i].host, host) == 0)
            return &certificates->rows[i].pair;
    return NULL;
}
