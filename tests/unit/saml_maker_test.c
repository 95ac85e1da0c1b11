/* SPDX-License-Identifier: MIT */
/* The maker of test messages, checked with a third party: xmlsec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <libxml/parser.h>
#include <openssl/err.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include "saml_maker_encrypt.h"

#define ASSERTION(instructions)                                                                                        \
    "<!-- dropped --><a:Assertion xmlns:a='urn:oasis:names:tc:SAML:2.0:assertion' ID='_a1'>"                           \
    "<a:Issuer>https://idp.example.com</a:Issuer>" instructions "<a:Subject>jdoe</a:Subject></a:Assertion>"

static int
set_up(void **state)
{
    (void)state;
    return xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0;
}

static int
tear_down(void **state)
{
    (void)state;
    saml_maker_release();
    xmlSecCryptoShutdown();
    xmlSecCryptoAppShutdown();
    xmlSecShutdown();
    xmlCleanupParser();
    return 0;
}

static xmlSecKeyPtr
xmlsec_key(EVP_PKEY *key)
{
    xmlSecKeyPtr result = xmlSecKeyCreate();
    assert_int_equal(EVP_PKEY_up_ref(key), 1);
    assert_int_equal(xmlSecKeySetValue(result, xmlSecOpenSSLEvpKeyAdopt(key)), 0);
    return result;
}

static xmlDocPtr
made(const char *template)
{
    struct buf out;
    char why[200];
    buf_init(&out, 1 << 20);
    if (!saml_maker_fill(str_from(template), &out, why, sizeof(why))) {
        fail_msg("%s", why);
    }
    xmlDocPtr doc = xmlReadMemory(out.bytes, (int)out.len, NULL, NULL, XML_PARSE_NONET);
    assert_non_null(doc);
    assert_null(strstr(out.bytes, "<?"));
    assert_null(strstr(out.bytes, "dropped"));
    buf_release(&out);
    return doc;
}

static bool
verifies(xmlDocPtr doc, const char *key_name)
{
    static const xmlChar *const ids[] = { XML_CAST "ID", NULL };
    xmlNodePtr root = xmlDocGetRootElement(doc);
    xmlSecAddIDs(doc, root, (const xmlChar **)(uintptr_t)ids);
    xmlNodePtr signature = xmlSecFindNode(root, xmlSecNodeSignature, xmlSecDSigNs);
    assert_non_null(signature);
    xmlSecDSigCtxPtr ctx = xmlSecDSigCtxCreate(NULL);
    ctx->signKey = xmlsec_key(saml_maker_key(key_name));
    assert_non_null(ctx->signKey);
    bool ok = xmlSecDSigCtxVerify(ctx, signature) == 0 && ctx->status == xmlSecDSigStatusSucceeded;
    xmlSecDSigCtxDestroy(ctx);
    return ok;
}

static void
signatures_verify(void **state)
{
    (void)state;
    static const struct {
        const char *template;
        const char *key;
    } list[] = {
        { ASSERTION("<?sign key=\"idp\"?>"), "idp" },
        { ASSERTION("<?sign key=\"idp\"?>"), "idp-renewed" },
        { ASSERTION("<?sign key=\"idp\" method=\"rsa-sha512\" digest=\"sha384\" cert=\"no\"?>"), "idp" },
        { ASSERTION("<?sign key=\"idp\" method=\"rsa-sha1\" digest=\"sha1\" c14n=\"inc\"?>"), "idp" },
        { ASSERTION("<?sign key=\"ec\" method=\"ecdsa-sha256\" c14n=\"exc-comments\"?>"), "ec" },
        { ASSERTION("<?sign key=\"small\"?>"), "small" },
    };
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        xmlDocPtr doc = made(list[i].template);
        assert_true(verifies(doc, list[i].key));
        xmlFreeDoc(doc);
    }
}

static void
another_key_does_not(void **state)
{
    (void)state;
    xmlDocPtr doc = made(ASSERTION("<?sign key=\"other\" cert=\"idp\"?>"));
    xmlSecErrorsDefaultCallbackEnableOutput(0);
    assert_false(verifies(doc, "idp"));
    xmlSecErrorsDefaultCallbackEnableOutput(1);
    xmlFreeDoc(doc);
}

static void
decrypts(void **state)
{
    (void)state;
    static const char *const list[] = {
        ASSERTION("<?encrypt data=\"aes128-cbc\"?>"),
        ASSERTION("<?sign key=\"idp\"?><?encrypt data=\"aes256-gcm\"?>"),
        ASSERTION("<?encrypt data=\"aes256-cbc\" transport=\"rsa-1_5\"?>"),
    };
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        xmlDocPtr doc = made(list[i]);
        xmlNodePtr root = xmlDocGetRootElement(doc);
        assert_string_equal((const char *)root->name, "EncryptedAssertion");
        xmlNodePtr data = xmlSecFindNode(root, xmlSecNodeEncryptedData, xmlSecEncNs);
        xmlSecKeysMngrPtr manager = xmlSecKeysMngrCreate();
        assert_int_equal(xmlSecCryptoAppDefaultKeysMngrInit(manager), 0);
        assert_int_equal(xmlSecCryptoAppDefaultKeysMngrAdoptKey(manager, xmlsec_key(saml_maker_key("sp"))), 0);
        xmlSecEncCtxPtr ctx = xmlSecEncCtxCreate(manager);
        assert_int_equal(xmlSecEncCtxDecrypt(ctx, data), 0);
        assert_string_equal((const char *)root->children->name, "Assertion");
        assert_true(i != 1 || verifies(doc, "idp"));
        xmlSecEncCtxDestroy(ctx);
        xmlSecKeysMngrDestroy(manager);
        xmlFreeDoc(doc);
    }
}

static void
wrong_template_is_said(void **state)
{
    (void)state;
    struct buf out;
    char why[200];
    buf_init(&out, 1 << 20);
    assert_false(saml_maker_fill(STR("<a>"), &out, why, sizeof(why)));
    assert_string_equal(why, "template is not well-formed XML");
    assert_false(saml_maker_fill(STR("<a><?sign key=\"nobody\"?></a>"), &out, why, sizeof(why)));
    assert_non_null(strstr(why, "unknown key"));
    buf_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_verify),
        cmocka_unit_test(another_key_does_not),
        cmocka_unit_test(decrypts),
        cmocka_unit_test(wrong_template_is_said),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
