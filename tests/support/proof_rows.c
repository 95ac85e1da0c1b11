/* SPDX-License-Identifier: MIT */
#include "proof_maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "saml.h"

/* --- edits that are more than one replacement ----------------------------------------------------------------- */

static void
indent(struct reading *reading)
{
    reading_set(reading, saml_pretty(reading->arena, arena_copy(reading->arena, buf_str(&reading->xml))));
}

/* Drops white space between tags, as a minifier does. */
static void
minify(struct reading *reading)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml));

    buf_reset(&reading->xml);
    for (size_t i = 0; i < xml.len; i++) {
        size_t end = i;

        while (end < xml.len && strchr(" \n\t", xml.ptr[end]) != NULL)
            end++;
        /* The value " " of an attribute is no layout. */
        if (end > i && i > 0 && xml.ptr[i - 1] == '>' && end < xml.len && xml.ptr[end] == '<' && xml.ptr[i] == '\n')
            i = end;
        buf_add_byte(&reading->xml, xml.ptr[i]);
    }
}

static void
indent_and_move_recipient(struct reading *reading)
{
    reading_edit(reading, "Recipient=\"https://sp.example.com/acs?a=1&amp;b=2\"", "Recipient=\"https://other.test/\"");
    indent(reading);
}

static void
indent_and_add_attribute(struct reading *reading)
{
    reading_edit(reading, "</saml:AttributeStatement>",
                 "<saml:Attribute Name=\"admin\"><saml:AttributeValue>1</saml:AttributeValue></saml:Attribute>"
                 "</saml:AttributeStatement>");
    indent(reading);
}

static void
recode_and_pad(struct reading *reading)
{
    reading_edit(reading, "\xC3\xBC", "\xC3\x83\xC2\xBC");
    reading_edit(reading, ">jdoe@example.com<", "> jdoe@example.com <");
}

/* The Assertion as a document of its own, as after SOAP or decryption: with what it needs declared again. */
static void
take_assertion_out(struct reading *reading)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml));
    size_t start = str_find_c(xml, "<saml:Assertion "), end = str_find_c(xml, "</samlp:Response>");

    assert_true(start != SIZE_MAX && end != SIZE_MAX);
    reading_set(reading, str_slice(xml, start, end - start));
    reading_edit(reading, "<saml:Assertion ",
                 "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" "
                 "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ");
}

static void
replace_digest(struct reading *reading, const char *value)
{
    struct str xml = arena_copy(reading->arena, buf_str(&reading->xml));
    size_t start = str_find_c(xml, "<ds:DigestValue>") + strlen("<ds:DigestValue>");
    size_t end = str_find_c(xml, "</ds:DigestValue>");

    buf_reset(&reading->xml);
    buf_add_str(&reading->xml, str_slice(xml, 0, start));
    buf_add_c(&reading->xml, value);
    buf_add_str(&reading->xml, str_from_offset(xml, end));
}

/* The digest of nothing under the algorithm that the message names. */
static void
digest_nothing(struct reading *reading)
{
    static const struct {
        const char *uri, *digest;
    } rows[] = {
        { "xmlenc#sha256\"", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
        { "xmldsig#sha1\"", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=" },
        { "#sha384\"", "OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb" },
        { "xmlenc#sha512\"",
          "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==" },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_find_c(buf_str(&reading->xml), rows[i].uri) != SIZE_MAX) {
            replace_digest(reading, rows[i].digest);
            return;
        }
    fail_msg("no digest method that is known here");
}

/* --- rows ------------------------------------------------------------------------------------------------------- */

enum {
    EXC = 1 << PROOF_EXC,
    INC = 1 << PROOF_INC,
    INC11 = 1 << PROOF_INC11,
};

#define EXC_URI "http://www.w3.org/2001/10/xml-exc-c14n#"
#define NAME_ID ">jdoe@example.com</saml:NameID>"
#define PLUS "iVBORw0KGgo+AAAN"
const struct proof_row proof_digest_rows[] = {
    /* H1 is a test of its own. H2 */
    { "signed inclusive, declared exclusive", DSIG_CAUSE_C14N_OTHER, "declared " EXC_URI,
      .sign = "c14n-uri=\"" EXC_URI "\"", .c14ns = INC },
    { "PrefixList written in", DSIG_CAUSE_C14N_OTHER, "ignored InclusiveNamespaces",
      .from = "<ds:Transform Algorithm=\"" EXC_URI "\"/>",
      .to = "<ds:Transform Algorithm=\"" EXC_URI "\"><ec:InclusiveNamespaces xmlns:ec=\"" EXC_URI
            "\" PrefixList=\"xs samlp\"/></ds:Transform>",
      .c14ns = EXC },
    /* H3 */
    { "enveloped not declared", DSIG_CAUSE_ENVELOPED_NOT_APPLIED, "without any signature inside",
      .sign = "transforms=\"exc\"" },
    { "another signature put in", DSIG_CAUSE_ENVELOPED_NOT_APPLIED, "another one was added",
      .from = "<saml:Conditions ",
      .to = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/><saml:Conditions " },
    /* H4 */
    { "re-indented", DSIG_CAUSE_REINDENTED, "line breaks between elements", .edit = indent },
    { "one blank between elements", DSIG_CAUSE_REINDENTED, "the digest matches without", .from = "<saml:Conditions ",
      .to = " <saml:Conditions " },
    { "one line break between elements", DSIG_CAUSE_REINDENTED, "the digest matches without",
      .from = "<saml:AuthnContext>", .to = "\n\t<saml:AuthnContext>" },
    { "minified", DSIG_CAUSE_REINDENTED, "indented by 2 blanks", .prepare = indent, .edit = minify },
    /* H5 */
    { "CR inserted", DSIG_CAUSE_LINE_ENDINGS, "CR characters were inserted", .template_from = "rich City",
      .template_to = "rich\nCity", .from = "rich\nCity", .to = "rich&#13;\nCity" },
    { "CR inserted between elements", DSIG_CAUSE_LINE_ENDINGS, "CR characters were inserted",
      .from = "<saml:Conditions ", .to = "&#13;<saml:Conditions " },
    { "CR lost", DSIG_CAUSE_LINE_ENDINGS, "CR characters were lost", .template_from = "rich City",
      .template_to = "rich&#13;\nCity", .from = "&#13;", .to = "" },
    { "LF became CR", DSIG_CAUSE_LINE_ENDINGS, "turned into CR", .template_from = "rich City",
      .template_to = "rich\nCity", .from = "rich\nCity", .to = "rich&#13;City" },
    { "line breaks in a value", DSIG_CAUSE_LINE_ENDINGS, "put into values", .from = "Exk+Kgl", .to = "\nExk+Kgl" },
    /* H6 */
    { "value padded", DSIG_CAUSE_TRIMMED, "padded", .from = NAME_ID, .to = ">\n  jdoe@example.com\n</saml:NameID>" },
    { "value trimmed", DSIG_CAUSE_TRIMMED, "NameID was rewritten from \" jdoe@example.com\"", .template_from = NAME_ID,
      .template_to = "> jdoe@example.com</saml:NameID>", .from = "> jdoe@", .to = ">jdoe@" },
    { "blanks multiplied", DSIG_CAUSE_TRIMMED, "multiplied", .from = "rich City", .to = "rich   City" },
    /* H8 */
    { "UTF-8 twice", DSIG_CAUSE_RECODED, "UTF-8 twice", .from = "\xC3\xBC", .to = "\xC3\x83\xC2\xBC" },
    { "UTF-8 twice by way of Windows-1252", DSIG_CAUSE_RECODED, "UTF-8 twice", .template_from = "O'Neil",
      .template_to = "O\xE2\x80\x99Neil", .from = "\xE2\x80\x99", .to = "\xC3\xA2\xE2\x82\xAC\xE2\x84\xA2" },
    { "doubled UTF-8 repaired", DSIG_CAUSE_RECODED, "doubled UTF-8 and repaired", .template_from = "\xC3\xBC",
      .template_to = "\xC3\x83\xC2\xBC", .from = "\xC3\x83\xC2\xBC", .to = "\xC3\xBC" },
    { "NFC to NFD", DSIG_CAUSE_RECODED, "NFC to NFD", .from = "\xC3\xBC", .to = "u\xCC\x88" },
    { "NFD to NFC", DSIG_CAUSE_RECODED, "NFD to NFC", .template_from = "\xC3\xBC", .template_to = "u\xCC\x88",
      .from = "u\xCC\x88", .to = "\xC3\xBC" },
    { "ampersand escaped twice", DSIG_CAUSE_RECODED, "escaped once more", .from = "Smith &amp; Sons",
      .to = "Smith &amp;amp; Sons" },
    { "double escape repaired", DSIG_CAUSE_RECODED, "one escape was taken back", .template_from = "&amp;",
      .template_to = "&amp;amp;", .from = "&amp;amp;", .to = "&amp;", .everywhere = true },
    { "typographic quotes", DSIG_CAUSE_RECODED, "typographic", .from = "O'Neil", .to = "O\xE2\x80\x99Neil" },
    { "non-breaking blanks", DSIG_CAUSE_RECODED, "non-breaking", .from = "rich City",
      .to = "rich\xC2\xA0"
            "City" },
    /* H9 */
    { "plus became blank", DSIG_CAUSE_BASE64, "plus signs", .from = PLUS, .to = "iVBORw0KGgo AAAN" },
    { "URL-safe alphabet", DSIG_CAUSE_BASE64, "URL-safe", .from = PLUS, .to = "iVBORw0KGgo-AAAN" },
    { "padding cut off", DSIG_CAUSE_BASE64, "padding", .template_from = "Exk+Kgl",
      .template_to = "Exk+Kg=", .from = "Exk+Kg=", .to = "Exk+Kg" },
    /* H10 */
    { "Recipient rewritten", DSIG_CAUSE_VALUE_REPLACED,
      "Recipient of SubjectConfirmationData was rewritten from \"https://sp.example.com/acs?a=1&b=2\" to "
      "\"https://proxy.test/\" after signing",
      .from = "Recipient=\"https://sp.example.com/acs?a=1&amp;b=2\"", .to = "Recipient=\"https://proxy.test/\"" },
    { "Audience rewritten", DSIG_CAUSE_VALUE_REPLACED, "Audience was rewritten from \"https://sp.example.com/saml\"",
      .from = "<saml:Audience>https://sp.example.com/saml<", .to = "<saml:Audience>urn:another<" },
    { "case changed", DSIG_CAUSE_VALUE_REPLACED, "NameID was rewritten from \"jdoe@example.com\"", .from = NAME_ID,
      .to = ">JDOE@EXAMPLE.COM</saml:NameID>" },
    { "slash added", DSIG_CAUSE_VALUE_REPLACED, "Audience was rewritten from", .from = "com/saml</saml:Audience>",
      .to = "com/saml/</saml:Audience>" },
    { "scheme changed", DSIG_CAUSE_VALUE_REPLACED, "Recipient of SubjectConfirmationData was rewritten from \"https://",
      .template_from = "Recipient=\"https://sp.example.com/acs?a=1&amp;b=2\"",
      .template_to = "Recipient=\"https://sp.example.com/elsewhere\"",
      .from = "Recipient=\"https:", .to = "Recipient=\"http:" },
    { "port added", DSIG_CAUSE_VALUE_REPLACED, "Audience was rewritten from \"https://a.test/x\"",
      .template_from = "https://sp.example.com/saml</", .template_to = "https://a.test/x</",
      .from = "https://a.test/x</", .to = "https://a.test:443/x</" },
    { "value of another field", DSIG_CAUSE_VALUE_REPLACED,
      "NotOnOrAfter of SubjectConfirmationData was rewritten from "
      "\"2026-01-01T00:30:00Z\"",
      .template_from = "NotOnOrAfter=\"2026-01-01T00:05:00Z\"", .template_to = "NotOnOrAfter=\"2026-01-01T00:30:00Z\"",
      .from = "NotOnOrAfter=\"2026-01-01T00:30:00Z\" Rec", .to = "NotOnOrAfter=\"2027-01-01T00:30:00Z\" Rec" },
    /* H11 */
    { "AttributeStatement added", DSIG_CAUSE_ELEMENT_ADDED, "without one AttributeStatement",
      .from = "<saml:AuthnStatement ",
      .to = "<saml:AttributeStatement><saml:Attribute Name=\"admin\"><saml:AttributeValue>1</saml:AttributeValue>"
            "</saml:Attribute></saml:AttributeStatement><saml:AuthnStatement " },
    { "XML attribute added", DSIG_CAUSE_CONTENT_ADDED, "without attribute FriendlyName of Attribute",
      .from = "Name=\"city\"", .to = "Name=\"city\" FriendlyName=\"l\"" },
    { "qualified attributes added", DSIG_CAUSE_CONTENT_ADDED, "without the attributes q:note",
      .from = "<saml:AttributeValue ", .to = "<saml:AttributeValue xmlns:q=\"urn:q\" q:note=\"1\" ",
      .everywhere = true },
    { "processing instruction added", DSIG_CAUSE_CONTENT_ADDED, "comments and processing instructions",
      .from = "<saml:Conditions ", .to = "<?tool was here?><saml:Conditions " },
    { "xsi:type taken out", DSIG_CAUSE_CONTENT_REMOVED, "xsi:type", .from = " xsi:type=\"xs:string\"", .to = "",
      .everywhere = true },
    /* H7 */
    { "declaration added around it", DSIG_CAUSE_NAMESPACES, "xmlns:unused", .from = "<samlp:Response ",
      .to = "<samlp:Response xmlns:unused=\"urn:unused\" ", .c14ns = INC | INC11 },
    { "taken out of its Response", DSIG_CAUSE_NAMESPACES, "lost namespace declarations (xmlns:samlp, xmlns:xs)",
      .edit = take_assertion_out, .c14ns = INC | INC11, .only_assertion = true },
    /* H12, H13, H14 */
    { "digest of another algorithm", DSIG_CAUSE_DIGEST_ALGORITHM,
      "DigestMethod says SHA-224, but DigestValue is the SHA-",
      .sign = "digest-uri=\"http://www.w3.org/2001/04/xmldsig-more#sha224\"" },
    { "digest of nothing", DSIG_CAUSE_EMPTY_DIGEST, "of nothing at all", .edit = digest_nothing },
    { "digest of another element", DSIG_CAUSE_OTHER_ELEMENT, "is that of /samlp:Response",
      .sign = "reference=\"#_OTHER\"" },
    /* Pairs */
    { "re-indented, and Recipient rewritten", DSIG_CAUSE_REINDENTED,
      "Recipient of SubjectConfirmationData was rewritten", .edit = indent_and_move_recipient,
      .also = DSIG_CAUSE_VALUE_REPLACED },
    { "re-indented, and an element added", DSIG_CAUSE_REINDENTED, "without one Attribute",
      .edit = indent_and_add_attribute, .also = DSIG_CAUSE_ELEMENT_ADDED },
    { "padded, and UTF-8 twice", DSIG_CAUSE_TRIMMED, "UTF-8 twice", .edit = recode_and_pad,
      .also = DSIG_CAUSE_RECODED },
};
const size_t proof_digest_row_count = COUNT_OF(proof_digest_rows);
