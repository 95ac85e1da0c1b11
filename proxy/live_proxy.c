/* SPDX-License-Identifier: MIT */
#include "live_proxy.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base64.h"
#include "exit_code.h"
#include "file.h"
#include "log.h"
#include "memory.h"

enum { AUTH_MAX_BYTES = 4096 };

/* Whoever may read the file may use the proxy in the user's name. */
static void
warn_about_readers(const char *path)
{
    struct stat info;

    if (strcmp(path, "-") != 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0)
        log_warn("%s can be read by others on this machine: chmod 600 %s", path, path);
}

/* "USER:PASSWORD" on the first line becomes "Basic …" (RFC 7617). */
static bool
read_authorization(struct live_proxy *proxy, const char *path, int *code, char **why)
{
    struct buf file, value;
    struct str line, rest;
    size_t len;

    *code = EXIT_UNREADABLE;
    if (!file_read_input(path, AUTH_MAX_BYTES, &file, why)) {
        buf_release(&file);
        return false;
    }
    warn_about_readers(path);
    str_cut(buf_str(&file), '\n', &line, &rest);
    if (str_ends_c(line, "\r"))
        line.len--;
    if (line.len < 2 || str_find_byte(line, ':') == SIZE_MAX) {
        *why = xprintf("%s: the first line must be USER:PASSWORD (--upstream-auth)", file_display_name(path));
    } else {
        buf_init(&value, 2 * AUTH_MAX_BYTES);
        buf_add_c(&value, "Basic ");
        base64_encode(&value, line);
        proxy->authorization = buf_detach(&value, &len);
        if (proxy->authorization == NULL)
            *why = xstrdup("out of memory");
    }
    OPENSSL_cleanse(file.bytes, file.capacity);
    buf_release(&file);
    return proxy->authorization != NULL;
}

static const char *
direct_hosts(const struct options *options)
{
    const char *direct = options_text(options, OPT_NO_PROXY);

    if (direct == NULL)
        direct = getenv("NO_PROXY");
    return direct != NULL ? direct : getenv("no_proxy");
}

static const char *
scheme(bool with_tls)
{
    return with_tls ? "https" : "http";
}

bool
live_proxy_init(struct live_proxy *proxy, const struct options *options, const struct proxy_mode *modes, size_t count,
                int *code, char **why)
{
    const char *auth = options_text(options, OPT_UPSTREAM_AUTH);
    struct next_proxy *next = &proxy->next_proxy;

    *proxy = (struct live_proxy){ 0 };
    *code = EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        if (!modes[i].has_next_proxy)
            continue;
        if (next->host != NULL && (strcmp(next->host, modes[i].host) != 0 || next->port != modes[i].port ||
                                   next->with_tls != modes[i].next_proxy_tls)) {
            *why = xprintf(
                "--mode upstream: names two proxies, %s://%s:%u and %s://%s:%u; everything goes out through one",
                scheme(next->with_tls), next->host, next->port, scheme(modes[i].next_proxy_tls), modes[i].host,
                modes[i].port);
            return false;
        }
        next->host = modes[i].host;
        next->port = modes[i].port;
        next->with_tls = modes[i].next_proxy_tls;
    }
    if (next->host == NULL) {
        if (auth != NULL || options_text(options, OPT_NO_PROXY) != NULL)
            *why = xprintf("%s is about the proxy of --mode upstream:http://HOST:PORT, which is missing",
                           auth != NULL ? "--upstream-auth" : "--no-proxy");
        return *why == NULL;
    }
    next->direct = direct_hosts(options);
    if (auth != NULL && !read_authorization(proxy, auth, code, why))
        return false;
    next->authorization = proxy->authorization;
    return true;
}

void
live_proxy_release(struct live_proxy *proxy)
{
    if (proxy->authorization != NULL)
        OPENSSL_cleanse(proxy->authorization, strlen(proxy->authorization));
    free(proxy->authorization);
    *proxy = (struct live_proxy){ 0 };
}
