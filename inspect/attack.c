/* SPDX-License-Identifier: MIT */
#include "attack.h"

#include <stddef.h>

/* As the advisories say; what is affected stands behind the numbers. */
static const struct attack attacks[ATTACK_FAMILY_COUNT] = {
    [ATTACK_WRAPPING] = { "XSW", "XML signature wrapping", "\"On Breaking SAML\", USENIX Security 2012" },
    [ATTACK_TWO_SIGNED_INFOS] = { "XSW9", "two SignedInfo in one signature",
                                  "CVE-2019-3465 (xmlseclibs), CVE-2025-29774 (xml-crypto)" },
    [ATTACK_EXCLUSION] = { "ATK-SIGEX", "signature exclusion",
                           "CVE-2012-5352, CVE-2012-5353, CVE-2020-12676, CVE-2025-40934 (XML::Sig), CVE-2026-89042" },
    [ATTACK_CARRIED_KEY] = { "ATK-FAKEKEY", "trust in the key that the message carries",
                             "CVE-2021-21239 (pysaml2), CVE-2024-32962 (xml-crypto), CVE-2018-7644 (xmlseclibs), "
                             "CVE-2026-18089 and CVE-2026-18092 (Net::SAML2)" },
    [ATTACK_HMAC] = { "ATK-HMAC", "HMAC with a public key as its secret", "CVE-2009-0217 (short HMAC values)" },
    [ATTACK_COMMENT] = { "ATK-COMMENT", "truncation of a value at a comment",
                         "VU#475445: CVE-2017-11427 to CVE-2017-11430, CVE-2018-0489, CVE-2018-5387, CVE-2018-7340; "
                         "CVE-2025-54419 (node-saml), CVE-2026-57580 (authentik)" },
    [ATTACK_DIGEST_COMMENT] = { "ATK-DIGCOMMENT", "a comment inside DigestValue", "CVE-2025-29775 (xml-crypto)" },
    [ATTACK_DOCTYPE] = { "ATK-DIFF-DTD", "a DOCTYPE that two parsers read differently", "CVE-2025-25291 (ruby-saml)" },
    [ATTACK_NAMESPACE] = { "ATK-DIFF-NS", "namespaces that two parsers read differently",
                           "CVE-2025-25292, CVE-2025-66567 (ruby-saml)" },
    [ATTACK_ENTITY] = { "ATK-ENTITY", "an entity reference that hides or makes nodes",
                        "CVE-2025-23369 (GitHub Enterprise Server)" },
    [ATTACK_VOID_C14N] = { "ATK-VOIDC14N", "void canonicalisation",
                           "CVE-2025-66568 (ruby-saml), CVE-2025-66475 (php-saml, xmlseclibs), CVE-2026-79772 "
                           "(Nokogiri)" },
    [ATTACK_REFERENCE] = { "ATK-XPATHSEL", "a reference that selects another element",
                           "CVE-2024-45409 (ruby-saml), CVE-2026-9390 (XML::Sig)" },
    [ATTACK_TRANSFORM] = { "ATK-XFORM", "a transform that leaves content out", "" },
    [ATTACK_SECOND_ASSERTION] = { "ATK-MULTI", "several assertions of which one is verified",
                                  "CVE-2022-41912 (crewjam/saml), CVE-2025-46572 (passport-wsfed-saml2), "
                                  "CVE-2025-47949 "
                                  "(samlify), CVE-2025-54369 (node-saml), CVE-2026-34840 (OneUptime), "
                                  "CVE-2026-89043" },
    [ATTACK_SECOND_DOCUMENT] = { "ATK-MULTIROOT", "several documents in one message",
                                 "CVE-2022-39299, CVE-2022-39300 (node-saml)" },
    [ATTACK_ENCRYPTION_ALONE] = { "ATK-ENCONLY", "encryption taken for authentication", "CVE-2026-41005 (CF UAA)" },
    [ATTACK_VALUE_UNCHECKED] = { "ATK-NOSIGVAL", "a new digest under an old signature value",
                                 "CVE-2026-49454 (Relyra)" },
    [ATTACK_PARAMETERS] = { "ATK-REDIRECT", "manipulation of parameters", "CVE-2025-31335 (OpenSAML C++)" },
    [ATTACK_ROUND_TRIP] = { "ATK-ROUNDTRIP", "a document that changes when it is written and read again",
                            "CVE-2020-29509, CVE-2020-29510, CVE-2020-29511 (Go), CVE-2020-27846 (crewjam/saml)" },
    [ATTACK_REPLAY] = { "ATK-REPLAY", "replay", "CVE-2026-53424, CVE-2026-53425 (Samly), CVE-2026-41577 (authentik)" },
    [ATTACK_INJECTION] = { "ATK-INJECT", "markup injected before signing", "CVE-2026-46490 (samlify)" },
    [ATTACK_TWO_KEYS] = { "ATK-DUPKEY", "dupe key confusion", "CVE-2019-1006" },
    [ATTACK_EXTERNAL_ENTITY] = { "ATK-XXE", "an external entity (XXE)", "CVE-2016-10127, CVE-2016-10149 (pysaml2)" },
    [ATTACK_EXPANSION] = { "ATK-BOMB", "an expansion bomb", "CVE-2016-10127, CVE-2016-10149 (pysaml2)" },
    [ATTACK_DEFLATE_BOMB] = { "ATK-DEFLATE", "a DEFLATE bomb",
                              "CVE-2025-25293 (ruby-saml), GHSA-5mqj-xc49-246p (crewjam/saml)" },
    [ATTACK_FORGED_REQUEST] = { "ATK-SSRF", "a request forged through the verifier (SSRF)",
                                "CVE-2023-36661 (XMLTooling), CVE-2021-40690 (Santuario)" },
    [ATTACK_PADDING_ORACLE] = { "ATK-PADORACLE", "a padding oracle", "SAML 2.0 erratum E93" },
    [ATTACK_TYPE_CONFUSION] = { "ATK-MEMSAFE", "a type confusion", "CVE-2025-47151 (Lasso)" },
    [ATTACK_OPEN_REDIRECT] = { "ATK-OPENREDIR", "an open redirect", "SAML 2.0 erratum E90" },
    [ATTACK_SCRIPT] = { "ATK-XSS", "a script in a URL (XSS)", "GHSA-267v-3v32-g6q5 (crewjam/saml)" },
    [ATTACK_TOKEN] = { "ATK-JWT", "a confusion of keys and algorithms of a JWT", "RFC 8725" },
};

const struct attack *
attack_of(enum attack_family family)
{
    return (unsigned)family < ATTACK_FAMILY_COUNT && attacks[family].id != NULL ? &attacks[family] : NULL;
}
