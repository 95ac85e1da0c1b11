/* SPDX-License-Identifier: MIT */
#include "cli.h"

#include <event2/event.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "commands.h"
#include "exit_code.h"
#include "file.h"
#include "help.h"
#include "log.h"
#include "memory.h"
#include "nearest.h"
#include "option_gather.h"
#include "options.h"
#include "terminal.h"

enum { HELP_MAX_BYTES = 1024 * 1024 };

static const char version_text[] = "samltap 0.1.0";

static int run_help(const struct options *options);
static int run_version(const struct options *options);

static const struct command commands[] = {
    { .name = "proxy",
      .bit = COMMAND_PROXY,
      .arguments = "",
      .summary = "watch real sign-ins: an intercepting proxy for a browser of yours",
      .text = "Listens as an HTTP proxy, opens the TLS of what is in scope with a CA of its own, passes every byte on "
              "unchanged and prints each sign-in with its verdict, the true cause first. Makes the CA when there is "
              "none, and says how to start a browser that trusts it.\n"
              "Ends on Ctrl-C and SIGTERM: idle connections are closed, what is under way gets --drain-timeout; a "
              "second one ends at once. SIGHUP reads the config file and the files that options name again (wrong "
              "settings are refused, and "
              "those in force stay). SIGUSR1 opens the logs again (for logrotate). SIGUSR2 "
              "prints what 'samltap stats' shows to standard error (Linux has no SIGINFO).",
      .run = cmd_proxy },
    { .name = "lab",
      .bit = COMMAND_LAB,
      .arguments = "",
      .summary = "the proxy with a practice ground behind it: an identity provider and AWS-like sites",
      .text = "Everything of 'samltap proxy', and behind it https://idp.samltap.test (identity provider), "
              "https://aws.samltap.test (like AWS IAM federation) and https://idc.samltap.test (like IAM Identity "
              "Center); no account and no network needed.\n"
              "  samltap lab --demo                     one sign-in that works and one that does not\n"
              "  samltap lab --fault NAME               make one thing wrong; --list has the names\n"
              "  samltap lab --once --fault NAME        a single sign-in; the exit code is its verdict\n"
              "  samltap lab --all                      the self-test: every fault, expected and found",
      .run = cmd_lab },
    { .name = "stats",
      .bit = COMMAND_STATS,
      .arguments = "",
      .summary = "what the running proxy has counted: connections, why they ended, sign-ins",
      .text =
          "Asks the proxy that runs with the same --state-dir, all of them when there are several. Ends with 0, or 4 "
          "when none runs or it does not answer.",
      .run = cmd_stats },
    { .name = "inspect",
      .bit = COMMAND_INSPECT,
      .arguments = "FILE…",
      .summary = "the verdict on a saved capture or message, with the true cause first",
      .text =
          "Examines every FILE (- is standard input) like a strict service provider: XML, base64, a URL, a form body, "
          "an HTTP message, an HTML page, a HAR file, SAML-tracer's JSON, samltap's own journal, a token, an artifact, "
          "JSON of SCIM or OAuth, a copied curl, fetch or PowerShell command, a mail or text with one of these in it "
          "or "
          "with errors of the AWS CLI or an identity provider, recognised without being told. Prints what was "
          "received, what was expected, who must fix it and where.\n"
          "Ends with 0: pass, 1: fail, 5: undecided, 2: wrong options, 3: an input cannot be read, 4: failure at "
          "run time; of several files with the worst.",
      .least = 1,
      .most = SIZE_MAX,
      .run = cmd_inspect },
    { .name = "check",
      .bit = COMMAND_CHECK,
      .arguments = "aws",
      .summary = "what will fail, from metadata and lists alone, before anybody signs in",
      .text = "samltap check aws: holds the metadata of the identity provider (--idp-metadata) against that of AWS "
              "(--sp-metadata) and what AWS lists (--evidence-dir): endpoints of the wrong product, certificates that "
              "AWS does not have or that end soon, users who cannot sign in by their name, groups without accounts, "
              "failed provisioning. --acs-url and --sp-entity-id are what the app at the identity provider has; "
              "--idp-cert names a certificate that AWS has.\n"
              "Ends with 0: nothing found, 1: something will fail, 5: undecided, 2: wrong options, 3: a file cannot be "
              "read, 4: failure at run time.",
      .least = 1,
      .most = 1,
      .run = cmd_check },
    { .name = "decode",
      .bit = COMMAND_DECODE,
      .arguments = "FILE|URL…",
      .summary = "only decode: every message, each decoding step, the XML indented",
      .text = "Shows what messages FILE (- is standard input) or a pasted URL holds, without judging them: where each "
              "was, every decoding step with its bytes, oddities, the XML, conditions, attributes and certificates. "
              "The input is recognised without being told. Encrypted assertions are opened with --decrypt-key.\n"
              "Ends with 0, or 1 when a message cannot be decoded or there is none.",
      .least = 1,
      .most = SIZE_MAX,
      .run = cmd_decode },
    { .name = "export",
      .bit = COMMAND_EXPORT,
      .arguments = "FILE…",
      .summary = "recorded exchanges as a HAR file or for SAML-tracer",
      .text =
          "Writes the exchanges of FILE (samltap's journal, a HAR file, SAML-tracer's JSON, HTTP messages) in another "
          "format, as they are: nothing is taken out, so the result holds live credentials. Files may be of any size, "
          "packed with gzip, in UTF-16, cut off (what comes before the cut is used), or several behind each other.\n"
          "Ends with 0, 3 when an input cannot be read, 4 when the output cannot be written.",
      .least = 1,
      .most = SIZE_MAX,
      .run = cmd_export },
    { .name = "import",
      .bit = COMMAND_IMPORT,
      .arguments = "FILE…",
      .summary = "put the exchanges of a file into the state directory",
      .text =
          "Appends the exchanges of FILE to the journal in the state directory, with their times. As with live "
          "traffic, passwords, cookies and bodies that have nothing to do with a sign-in are left out. All of it is "
          "kept, also past the 64 MiB at which 'samltap proxy' sets the journal aside.\n"
          "Ends with 0, 3 when an input cannot be read, 4 when the journal cannot be written.",
      .least = 1,
      .most = SIZE_MAX,
      .run = cmd_import },
    { .name = "checks",
      .bit = COMMAND_CHECKS,
      .arguments = "",
      .summary = "list every check with its id and severity",
      .text = "Lists what samltap checks. 'samltap explain ID' has the long text of one.",
      .run = cmd_checks },
    { .name = "explain",
      .bit = COMMAND_EXPLAIN,
      .arguments = "ID…",
      .summary = "what a finding means, its exact rule, and how to fix it by vendor",
      .text = "Prints the long text of the checks with these ids, as found in reports and in 'samltap checks'. With "
              "--text it starts from the words of an error: a sentence of AWS, an AADSTS or MSIS code, a message of "
              "the AWS CLI; --text - reads it from standard input; --trace names a capture, and what that proves comes "
              "first. Ends with 5 when the text is not known.",
      .least = 1,
      .most = 100,
      .run = cmd_explain },
    { .name = "ca",
      .bit = COMMAND_CA,
      .arguments = "[create|show|export|trust|remove]",
      .summary = "the certificate authority that browsers must trust while they are watched",
      .text = "create makes the CA (with --hosts it can sign for these alone), show prints it, export writes its "
              "certificate to standard output, trust prints the steps for each platform, remove deletes it. Its key "
              "never leaves the state directory; 'samltap proxy' makes a CA by itself when there is none.",
      .most = 1,
      .run = cmd_ca },
    { .name = "desk",
      .bit = COMMAND_DESK,
      .arguments = "",
      .summary = "the examining child of proxy and lab",
      .text = "Started by 'samltap proxy' and 'samltap lab' alone: reads exchanges from descriptor 3.",
      .hidden = true,
      .run = cmd_desk },
    { .name = "help",
      .bit = COMMAND_HELP,
      .arguments = "[COMMAND|options|man]",
      .summary = "this overview; the options of a command; all options; the manual page",
      .text = "Prints help. 'samltap help man' writes the manual page: samltap help man | man -l -",
      .most = 1,
      .run = run_help },
    { .name = "version",
      .bit = COMMAND_VERSION,
      .arguments = "",
      .summary = "versions of samltap and its libraries",
      .text = "Prints the versions of samltap and of the libraries that it runs with.",
      .run = run_version },
};

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int
unknown_command(const char *typed)
{
    const struct command *nearest = NULL;
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        size_t distance = edit_distance(typed, commands[i].name);

        if (!commands[i].hidden && distance < least) {
            least = distance;
            nearest = &commands[i];
        }
    }
    if (edit_distance_is_near(typed, least))
        log_error("there is no command '%s'; did you mean '%s'?", typed, nearest->name);
    else
        log_error("there is no command '%s'; 'samltap help' lists what there is", typed);
    return EXIT_USAGE;
}

static int
print_and_release(struct buf *text)
{
    bool done = !buf_failed(text) && terminal_print(buf_str(text));

    buf_release(text);
    return done ? EXIT_PASS : EXIT_RUNTIME;
}

static int
print_overview(void)
{
    struct buf text;

    buf_init(&text, HELP_MAX_BYTES);
    help_overview(&text, commands, COUNT_OF(commands));
    return print_and_release(&text);
}

static int
run_help(const struct options *options)
{
    const char *topic = options_argument_count(options) > 0 ? options_argument(options, 0) : NULL;
    const struct command *command = topic ? find_command(topic) : NULL;
    struct buf text;

    buf_init(&text, HELP_MAX_BYTES);
    if (topic == NULL)
        help_overview(&text, commands, COUNT_OF(commands));
    else if (command != NULL)
        help_command(&text, command);
    else if (strcmp(topic, "options") == 0)
        help_options(&text, commands, COUNT_OF(commands));
    else if (strcmp(topic, "man") == 0)
        help_manual(&text, commands, COUNT_OF(commands));
    else
        return unknown_command(topic);
    return print_and_release(&text);
}

static int
run_version(const struct options *options)
{
    struct buf text;

    (void)options;
    buf_init(&text, HELP_MAX_BYTES);
    buf_printf(&text, "%s\n%s\nlibevent %s\n", version_text, OpenSSL_version(OPENSSL_VERSION), event_get_version());
    return print_and_release(&text);
}

static bool
argument_count_is_right(const struct command *command, const struct options *options)
{
    size_t count = options_argument_count(options);

    if (count > command->most)
        log_error("'%s' is one argument too many: samltap %s %s", options_argument(options, command->most),
                  command->name, command->arguments);
    else if (count < command->least && !options_text(options, OPT_BATCH) && options_list_count(options, OPT_TEXT) == 0)
        log_error("samltap %s needs %s; 'samltap %s --help' says more", command->name, command->arguments,
                  command->name);
    else
        return true;
    return false;
}

static int
run_command(const struct command *command, const struct options *options)
{
    struct buf text;

    if (options_flag(options, OPT_VERSION))
        return run_version(options);
    buf_init(&text, HELP_MAX_BYTES);
    if (options_flag(options, OPT_HELP)) {
        help_command(&text, command);
        return print_and_release(&text);
    }
    if (options_flag(options, OPT_PRINT_CONFIG)) {
        help_config(&text, options, command->bit);
        return print_and_release(&text);
    }
    if (!argument_count_is_right(command, options))
        return EXIT_USAGE;
    if (options_flag(options, OPT_VERBOSE))
        log_set_level(LOG_DEBUG);
    else if (options_flag(options, OPT_QUIET))
        log_set_level(LOG_WARNING);
    return command->run(options);
}

int
cli_main(int count, char *const *arguments, char *const *environment)
{
    const char *name = count > 1 ? arguments[1] : NULL;
    const struct command *command;
    struct option_sources sources;
    struct options *options;
    char *why = NULL;
    int code = EXIT_USAGE;

    signal(SIGPIPE, SIG_IGN);
    if (name == NULL || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_overview();
        return name ? EXIT_PASS : EXIT_USAGE;
    }
    if (strcmp(name, "--version") == 0)
        return run_version(NULL);
    command = find_command(name);
    if (command == NULL)
        return unknown_command(name);
    sources = (struct option_sources){ .command = command->bit,
                                       .command_name = command->name,
                                       .argc = count - 2,
                                       .argv = (const char *const *)arguments + 2,
                                       .environment = (const char *const *)environment };
    options = options_gather(&sources, &why);
    if (options != NULL)
        code = run_command(command, options);
    else
        log_error("%s", why);
    free(why);
    options_free(options);
    return code;
}
