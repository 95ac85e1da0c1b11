/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "check.h"
#include "profile.h"
#include "vendor.h"

#define ACS_IAM "https://signin.aws.amazon.com/saml"
#define ACS_IDC "https://eu-west-1.signin.aws/platform/saml/acs/11111111-2222-3333-4444-555555555555"
#define IDC_ENTITY "https://eu-west-1.signin.aws.amazon.com/platform/saml/d-1234567890"

/* One message with its exchange, and everything that may be known beside it. */
struct scene {
    struct arena *arena;
    struct settings settings;
    struct exchange exchange;
    struct message message;
    struct saml_message saml;
    struct saml_assertion assertion;
    struct saml_confirmation confirmation;
    struct saml_audience_restriction restriction;
    struct saml_value audience;
    struct saml_message request;
    struct metadata_endpoint endpoints[3];
    struct metadata_entity sp;
    struct metadata_entity idp;
    struct metadata sp_file, idp_file;
    struct metadata *files[2];
    struct context_input input;
    struct context context;
};

static void
scene_init(struct scene *scene)
{
    *scene = (struct scene){ .arena = arena_new(1 << 20) };
    assert_non_null(scene->arena);
    scene->settings.clock_skew_s = 180;
    scene->settings.fallback_now_ms = 777;
    scene->saml.kind = MESSAGE_RESPONSE;
    scene->saml.assertions = &scene->assertion;
    scene->saml.assertion_count = 1;
    scene->assertion.confirmations = &scene->confirmation;
    scene->assertion.confirmation_count = 1;
    scene->assertion.restrictions = &scene->restriction;
    scene->assertion.restriction_count = 1;
    scene->restriction.audiences = &scene->audience;
    scene->restriction.audience_count = 1;
    scene->message.saml = &scene->saml;
    scene->message.binding = BINDING_NONE;
    scene->input = (struct context_input){ .settings = &scene->settings, .message = &scene->message };
    scene->sp.sp.present = true;
    scene->sp.sp.sso = scene->endpoints;
    scene->idp.idp.present = true;
    scene->sp_file = (struct metadata){ .entities = &scene->sp, .entity_count = 1, .source = STR("sp.xml") };
    scene->idp_file = (struct metadata){ .entities = &scene->idp, .entity_count = 1, .source = STR("idp.xml") };
}

static void
posted_to(struct scene *scene, const char *url)
{
    scene->message.binding = BINDING_HTTP_POST;
    scene->message.url = str_from(url);
    scene->exchange.started_ms = 5000;
    scene->exchange.finished_ms = 5100;
    scene->input.exchange = &scene->exchange;
}

static void
give_sp(struct scene *scene, const char *entity_id, const char *acs)
{
    scene->sp.entity_id = str_from(entity_id);
    scene->endpoints[scene->sp.sp.sso_count++].location = str_from(acs);
    scene->files[0] = &scene->sp_file;
    scene->settings.metadata = scene->files;
    scene->settings.metadata_count = 1;
}

static void
resolve(struct scene *scene)
{
    context_resolve(&scene->context, scene->arena, &scene->input);
}

static void
expect(struct expected expected, const char *text, const char *source)
{
    if (text == NULL) {
        assert_false(str_present(expected.text));
        return;
    }
    assert_true(str_present(expected.text));
    if (!str_eq_c(expected.text, text))
        fail_msg("expected %s, got %.*s", text, STR_ARG(expected.text));
    assert_string_equal(expected.source, source);
}

static void
profile_follows_the_url_posted_to(void **state)
{
    struct scene scene;

    (void)state;
    scene_init(&scene);
    posted_to(&scene, ACS_IAM);
    scene.confirmation.recipient.text = STR(ACS_IDC);
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_AWS_IAM);
    assert_string_equal(scene.context.profile_source, "the URL it was posted to");
    posted_to(&scene, ACS_IDC);
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_AWS_IDENTITY_CENTER);
    posted_to(&scene, "https://aws.samltap.test/saml");
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_AWS_IAM);
    posted_to(&scene, "https://idc.samltap.test/platform/saml/acs/1");
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_AWS_IDENTITY_CENTER);
    posted_to(&scene, "https://sp.example.com/acs");
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_GENERIC);
    /* A host that only ends in the same letters is not AWS. */
    posted_to(&scene, "https://notsignin.aws.amazon.com.evil.test/saml");
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_GENERIC);
    scene.settings.profile_name = STR("aws-identity-center");
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_AWS_IDENTITY_CENTER);
    assert_string_equal(scene.context.profile_source, "--profile");
    arena_free(scene.arena);
}

static void
a_bare_message_gives_hints_only(void **state)
{
    struct scene scene;

    (void)state;
    scene_init(&scene);
    scene.confirmation.recipient.text = STR(ACS_IDC);
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_AWS_IDENTITY_CENTER);
    assert_non_null(strstr(scene.context.profile_source, "a hint"));
    expect(scene.context.acs_url, NULL, NULL);
    expect(scene.context.sp_entity_id, NULL, NULL);
    scene.confirmation.recipient.text = (struct str){ 0 };
    scene.audience.text = STR("urn:amazon:webservices");
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_AWS_IAM);
    expect(scene.context.sp_entity_id, "urn:amazon:webservices", "the audience that AWS IAM documents");
    expect(scene.context.acs_url, ACS_IAM, "the global sign-in URL of AWS IAM");
    scene.settings.acs_url = STR("https://sp.example.com/acs");
    resolve(&scene);
    assert_int_equal(scene.context.profile, PROFILE_GENERIC);
    assert_string_equal(scene.context.profile_source, "--acs-url");
    arena_free(scene.arena);
}

static void
expectations_come_in_order(void **state)
{
    struct scene scene;

    (void)state;
    scene_init(&scene);
    posted_to(&scene, "https://sp.example.com/posted");
    resolve(&scene);
    expect(scene.context.acs_url, "https://sp.example.com/posted", "the URL it was posted to");
    expect(scene.context.sp_entity_id, NULL, NULL);
    expect(scene.context.request_id, NULL, NULL);

    scene.request.kind = MESSAGE_AUTHN_REQUEST;
    scene.request.id.text = STR("_r1");
    scene.request.issuer.value.text = STR("https://sp.example.com/by-request");
    scene.request.request.acs_url.text = STR("https://sp.example.com/asked");
    scene.input.request = &scene.request;
    resolve(&scene);
    expect(scene.context.acs_url, "https://sp.example.com/asked", "the AuthnRequest");
    expect(scene.context.sp_entity_id, "https://sp.example.com/by-request", "the Issuer of the AuthnRequest");
    expect(scene.context.request_id, "_r1", "the AuthnRequest of this sign-in");

    give_sp(&scene, "https://sp.example.com/metadata", "https://sp.example.com/acs");
    resolve(&scene);
    expect(scene.context.acs_url, "https://sp.example.com/acs", "SP metadata sp.xml");
    expect(scene.context.sp_entity_id, "https://sp.example.com/metadata", "SP metadata sp.xml");
    assert_ptr_equal(scene.context.sp, &scene.sp);

    scene.settings.acs_url = STR("https://sp.example.com/option");
    scene.settings.sp_entity_id = STR("https://sp.example.com/named");
    scene.settings.request_id = STR("_r2");
    resolve(&scene);
    expect(scene.context.acs_url, "https://sp.example.com/option", "--acs-url");
    expect(scene.context.sp_entity_id, "https://sp.example.com/named", "--sp-entity-id");
    expect(scene.context.request_id, "_r2", "--request-id");
    assert_null(scene.context.sp); /* the named entity is not the one in the file */
    arena_free(scene.arena);
}

static void
the_endpoint_that_was_used_is_expected(void **state)
{
    struct scene scene;

    (void)state;
    scene_init(&scene);
    give_sp(&scene, "https://sp.example.com", "https://sp.example.com/acs/1");
    give_sp(&scene, "https://sp.example.com", "https://sp.example.com/acs/2");
    scene.endpoints[0].is_default = true;
    posted_to(&scene, "https://sp.example.com/acs/2");
    resolve(&scene);
    expect(scene.context.acs_url, "https://sp.example.com/acs/2", "SP metadata sp.xml");
    /* Posted somewhere else: the near miss is what was meant, else the default. */
    posted_to(&scene, "https://sp.example.com/acs/2/");
    resolve(&scene);
    expect(scene.context.acs_url, "https://sp.example.com/acs/2", "SP metadata sp.xml");
    posted_to(&scene, "https://else.test/");
    resolve(&scene);
    expect(scene.context.acs_url, "https://sp.example.com/acs/1", "SP metadata sp.xml");
    arena_free(scene.arena);
}

static void
a_stranger_is_measured_against_the_given_idp(void **state)
{
    struct scene scene;

    (void)state;
    scene_init(&scene);
    scene.idp.entity_id = STR("http://www.okta.com/exk1");
    scene.files[0] = &scene.idp_file;
    scene.settings.metadata = scene.files;
    scene.settings.metadata_count = 1;
    scene.saml.issuer.value.text = STR("https://stranger.test");
    resolve(&scene);
    expect(scene.context.idp_entity_id, "http://www.okta.com/exk1", "IdP metadata idp.xml");
    assert_string_equal(scene.context.idp_vendor.vendor->name, "okta");
    scene.settings.idp_entity_id = STR("https://idp.example.com");
    resolve(&scene);
    expect(scene.context.idp_entity_id, "https://idp.example.com", "--idp-entity-id");
    assert_null(scene.context.idp);
    arena_free(scene.arena);
}

static void
a_guess_gives_way_to_what_is_sure(void **state)
{
    struct scene scene;

    (void)state;
    scene_init(&scene);
    scene.saml.issuer.value.text = STR("https://login.example.com/realms/main");
    resolve(&scene);
    assert_string_equal(scene.context.idp_vendor.vendor->name, "keycloak");
    assert_int_equal(scene.context.idp_vendor.certainty, VENDOR_LOOKS_LIKE);
    assert_null(scene.context.sp_vendor.vendor);
    /* The request went to Okta, and came from a toolkit that names itself. */
    scene.request.kind = MESSAGE_AUTHN_REQUEST;
    scene.request.destination.text = STR("https://example.okta.com/app/x/exk1/sso/saml");
    scene.request.id.text = STR("ONELOGIN_0123456789abcdef0123456789abcdef");
    scene.input.request = &scene.request;
    resolve(&scene);
    assert_string_equal(scene.context.idp_vendor.vendor->name, "okta");
    assert_int_equal(scene.context.idp_vendor.place, VENDOR_HOST);
    assert_string_equal(scene.context.sp_vendor.vendor->name, "onelogin-toolkit");
    /* The address is surer than the ID. */
    scene.settings.acs_url = STR(ACS_IAM);
    scene.input.request = NULL;
    resolve(&scene);
    assert_string_equal(scene.context.sp_vendor.vendor->name, "aws-iam");
    arena_free(scene.arena);
}

static void
clock_is_option_then_arrival_then_machine(void **state)
{
    struct scene scene;

    (void)state;
    scene_init(&scene);
    resolve(&scene);
    assert_int_equal(scene.context.now_ms, 777);
    assert_string_equal(scene.context.now_source, "this machine's clock");
    posted_to(&scene, ACS_IAM);
    resolve(&scene);
    assert_int_equal(scene.context.now_ms, 5000);
    assert_string_equal(scene.context.now_source, "arrival time");
    scene.message.in_response = true;
    resolve(&scene);
    assert_int_equal(scene.context.now_ms, 5100);
    scene.settings.has_now = true;
    scene.settings.now_ms = 9000;
    resolve(&scene);
    assert_int_equal(scene.context.now_ms, 9000);
    assert_string_equal(scene.context.now_source, "--now");
    assert_int_equal(scene.context.skew_ms, 180000);
    arena_free(scene.arena);
}

static void
unsolicited_is_known_only_when_watched(void **state)
{
    struct scene scene;

    (void)state;
    scene_init(&scene);
    posted_to(&scene, ACS_IAM);
    resolve(&scene);
    assert_false(scene.context.unsolicited_known);
    scene.input.request_would_be_seen = true;
    resolve(&scene);
    assert_true(scene.context.unsolicited_known);
    scene.saml.in_response_to.text = STR("_r1");
    resolve(&scene);
    assert_false(scene.context.unsolicited_known);
    arena_free(scene.arena);
}

static void
partitions_have_their_own_audience(void **state)
{
    (void)state;
    assert_true(str_eq_c(profile_entity_id(PROFILE_AWS_IAM, STR(ACS_IAM)), "urn:amazon:webservices"));
    assert_true(str_eq_c(profile_entity_id(PROFILE_AWS_IAM, STR("https://signin.amazonaws-us-gov.com/saml")),
                         "urn:amazon:webservices:govcloud"));
    assert_true(str_eq_c(profile_entity_id(PROFILE_AWS_IAM, STR("https://signin.amazonaws.cn/saml")),
                         "urn:amazon:webservices:cn-north-1"));
    assert_false(str_present(profile_entity_id(PROFILE_AWS_IDENTITY_CENTER, STR(ACS_IDC))));
    assert_int_equal(profile_of_entity(STR(IDC_ENTITY)), PROFILE_AWS_IDENTITY_CENTER);
    assert_int_equal(profile_of_entity(STR("https://sp.example.com")), 0);
}

static void
candidates_are_bounded_and_distinct(void **state)
{
    struct str candidates[CONTEXT_MAX_CANDIDATES];
    struct scene scene;

    (void)state;
    scene_init(&scene);
    scene.settings.acs_url = STR(ACS_IAM);
    give_sp(&scene, "urn:amazon:webservices", ACS_IAM);
    assert_int_equal(context_candidates(&scene.settings, candidates), 2);
    assert_true(str_eq_c(candidates[1], "urn:amazon:webservices"));
    arena_free(scene.arena);
}

/* With several service providers in the metadata, a request is judged by that of its issuer. */
static void
a_request_names_its_service_provider(void **state)
{
    struct metadata_entity other = { .entity_id = STR("urn:other") };
    struct metadata other_file = { .entities = &other, .entity_count = 1, .source = STR("other.xml") };
    struct scene scene;

    (void)state;
    scene_init(&scene);
    give_sp(&scene, "urn:sp", "https://sp.example.com/acs");
    other.sp.present = true;
    scene.files[1] = &other_file;
    scene.settings.metadata_count = 2;
    scene.saml = (struct saml_message){ .kind = MESSAGE_AUTHN_REQUEST };
    scene.saml.issuer.value.text = STR("urn:other");
    resolve(&scene);
    assert_ptr_equal(scene.context.sp, &other);
    scene.saml.issuer.value.text = STR("urn:sp");
    resolve(&scene);
    assert_ptr_equal(scene.context.sp, &scene.sp);
    arena_free(scene.arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile_follows_the_url_posted_to),
        cmocka_unit_test(a_bare_message_gives_hints_only),
        cmocka_unit_test(expectations_come_in_order),
        cmocka_unit_test(the_endpoint_that_was_used_is_expected),
        cmocka_unit_test(a_stranger_is_measured_against_the_given_idp),
        cmocka_unit_test(a_guess_gives_way_to_what_is_sure),
        cmocka_unit_test(clock_is_option_then_arrival_then_machine),
        cmocka_unit_test(unsolicited_is_known_only_when_watched),
        cmocka_unit_test(partitions_have_their_own_audience),
        cmocka_unit_test(candidates_are_bounded_and_distinct),
        cmocka_unit_test(a_request_names_its_service_provider),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
