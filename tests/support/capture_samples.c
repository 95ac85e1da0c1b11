/* SPDX-License-Identifier: MIT */
#include "capture_samples.h"

#include "base64.h"

/*
 * One sign-in as the tools write it: a page, then a message that is posted and answered with a redirect. Each text
 * has the habits of its tool. $E stands for the message percent-encoded in base64, $D for the same in base64.
 */

static const char chrome[] =
    "{\n  \"log\": {\n    \"version\": \"1.2\",\n    \"creator\": { \"name\": \"WebInspector\", \"version\": "
    "\"537.36\" },\n"
    "    \"pages\": [ { \"startedDateTime\": \"2026-01-01T00:00:00.200Z\", \"id\": \"page_1\", \"title\": \"x\","
    " \"pageTimings\": { \"onContentLoad\": null, \"onLoad\": -1 } } ],\n    \"entries\": [\n"
    "{ \"_initiator\": { \"type\": \"other\" }, \"_priority\": \"VeryHigh\", \"_resourceType\": \"document\","
    " \"cache\": {}, \"connection\": \"77\", \"pageref\": \"page_1\", \"request\": { \"method\": \"GET\","
    " \"url\": \"https://sp.test/start?a=%2f#frag\", \"httpVersion\": \"http/2.0\", \"headers\": ["
    " { \"name\": \":authority\", \"value\": \"sp.test\" }, { \"name\": \":method\", \"value\": \"GET\" },"
    " { \"name\": \":path\", \"value\": \"/start?a=%2f\" }, { \"name\": \":scheme\", \"value\": \"https\" },"
    " { \"name\": \"cookie\", \"value\": \"a=b\" } ], \"queryString\": [ { \"name\": \"a\", \"value\": \"%2f\" } ],"
    " \"cookies\": [], \"headersSize\": -1, \"bodySize\": 0 }, \"response\": { \"status\": 200, \"statusText\": \"\","
    " \"httpVersion\": \"http/2.0\", \"headers\": [ { \"name\": \":status\", \"value\": \"200\" },"
    " { \"name\": \"content-encoding\", \"value\": \"br\" } ], \"cookies\": [], \"content\": { \"size\": 9,"
    " \"mimeType\": \"text/html\", \"compression\": -4, \"text\": \"<p>h\\u00e9</p>\" }, \"redirectURL\": \"\","
    " \"headersSize\": -1, \"bodySize\": -1, \"_transferSize\": 99, \"_error\": null,"
    " \"_fetchedViaServiceWorker\": false }, \"serverIPAddress\": \"[::1]\","
    " \"startedDateTime\": \"2026-01-01T00:00:00.250Z\", \"time\": 12.649999999,"
    " \"timings\": { \"blocked\": 1.5, \"dns\": -1, \"ssl\": -1, \"connect\": -1, \"send\": 0.05, \"wait\": 9,"
    " \"receive\": 1, \"_blocked_queueing\": 0.3 } },\n"
    "{ \"_initiator\": { \"type\": \"script\", \"stack\": { \"callFrames\": [ { \"url\": \"\", \"lineNumber\": 1 } ] } "
    "},"
    " \"cache\": {}, \"request\": { \"method\": \"POST\", \"url\": \"https://sp.test/acs\","
    " \"httpVersion\": \"http/2.0\", \"headers\": [ { \"name\": \"content-type\","
    " \"value\": \"application/x-www-form-urlencoded\" } ], \"queryString\": [], \"cookies\": [],"
    " \"headersSize\": -1, \"bodySize\": 99, \"postData\": { \"mimeType\": \"application/x-www-form-urlencoded\","
    " \"text\": \"SAMLResponse=$E&RelayState=x+y%26z\", \"params\": [ { \"name\": \"SAMLResponse\","
    " \"value\": \"$E\" }, { \"name\": \"RelayState\", \"value\": \"x+y%26z\" } ] } },"
    " \"response\": { \"status\": 302, \"statusText\": \"\", \"httpVersion\": \"http/2.0\", \"headers\": ["
    " { \"name\": \"location\", \"value\": \"/home\" }, { \"name\": \"set-cookie\", \"value\": \"c=d\" } ],"
    " \"cookies\": [], \"content\": { \"size\": 0, \"mimeType\": \"x-unknown\" }, \"redirectURL\": \"/home\","
    " \"headersSize\": -1, \"bodySize\": -1 }, \"startedDateTime\": \"2026-01-01T00:00:01.000Z\", \"time\": 3,"
    " \"timings\": { \"send\": 0, \"wait\": 3, \"receive\": 0 }, \"_webSocketMessages\": ["
    " { \"type\": \"send\", \"time\": 1767225601.5, \"opcode\": 1, \"data\": \"{\\\"entries\\\":[{}]}\" } ] }\n]}}";

/* Exported "without sensitive data": no cookies, no authorization, and so without a note of them. */
static const char chrome_sanitised[] =
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"WebInspector\",\"version\":\"537.36\"},\"pages\":[],"
    "\"entries\":["
    "{\"_connectionId\":\"12\",\"request\":{\"method\":\"GET\",\"url\":\"https://sp.test/start?a=%2f\",\"httpVersion\":"
    "\"http/2.0\",\"headers\":[{\"name\":\"accept\",\"value\":\"*/*\"}],\"cookies\":[]},\"response\":{\"status\":200,"
    "\"headers\":[{\"name\":\"date\",\"value\":\"x\"}],\"content\":{\"size\":9,\"mimeType\":\"text/html\",\"text\":"
    "\"<p>h\\u00e9</p>\"}},\"startedDateTime\":\"2026-01-01T00:00:00.250Z\",\"time\":1},"
    "{\"request\":{\"method\":\"POST\",\"url\":\"https://sp.test/acs\",\"headers\":[],\"postData\":{\"mimeType\":"
    "\"application/"
    "x-www-form-urlencoded\",\"text\":\"SAMLResponse=$E&RelayState=x+y%26z\"}},\"response\":{\"status\":302,"
    "\"headers\":[{\"name\":\"location\",\"value\":\"/home\"}],\"content\":{}},\"startedDateTime\":"
    "\"2026-01-01T00:00:01.000Z\"}]}}";

/* params decoded; the head of the part before the fields; a comment instead of bodies that were not kept. */
static const char firefox[] =
    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"Firefox\",\"version\":\"140.0\"},\"browser\":{\"name\":"
    "\"Firefox\","
    "\"version\":\"140.0\"},\"pages\":[{\"id\":\"page_1\",\"pageTimings\":{\"onContentLoad\":-1,\"onLoad\":-1},"
    "\"startedDateTime\":\"2026-01-01T01:00:00.250+01:00\",\"title\":\"\"}],\"entries\":["
    "{\"startedDateTime\":\"2026-01-01T01:00:00.250+01:00\",\"request\":{\"bodySize\":0,\"method\":\"GET\",\"url\":"
    "\"https://sp.test/start?a=%2f\",\"httpVersion\":\"HTTP/2\",\"headers\":[{\"name\":\"Cookie\",\"value\":\"a=b\"}],"
    "\"cookies\":[{\"name\":\"a\",\"value\":\"b\"}],\"queryString\":[{\"name\":\"a\",\"value\":\"/"
    "\"}],\"headersSize\":321,"
    "\"postData\":{\"mimeType\":\"\",\"params\":[],\"text\":\"\"}},\"response\":{\"status\":200,\"statusText\":\"OK\","
    "\"httpVersion\":\"HTTP/2\",\"headers\":[],\"cookies\":[],\"content\":{\"mimeType\":\"text/"
    "html\",\"size\":9,\"text\":"
    "\"<p>h\xc3\xa9</"
    "p>\"},\"redirectURL\":\"\",\"headersSize\":100,\"bodySize\":109},\"cache\":{},\"timings\":{\"blocked\":0,"
    "\"dns\":0,\"connect\":0,\"ssl\":0,\"send\":0,\"wait\":80,\"receive\":0},\"time\":80,\"_securityState\":\"secure\","
    "\"serverIPAddress\":\"127.0.0.1\",\"connection\":\"443\",\"pageref\":\"page_1\"},"
    "{\"startedDateTime\":\"2026-01-01T01:00:01.000+01:00\",\"request\":{\"bodySize\":90,\"method\":\"POST\",\"url\":"
    "\"https://sp.test/acs\",\"httpVersion\":\"HTTP/"
    "2\",\"headers\":[{\"name\":\"Cookie\",\"value\":\"a=b\"}],\"cookies\":[],"
    "\"queryString\":[],\"postData\":{\"mimeType\":\"application/x-www-form-urlencoded\",\"params\":[{\"name\":"
    "\"SAMLResponse\",\"value\":\"$D\"},{\"name\":\"RelayState\",\"value\":\"x y&z\"}],\"text\":\"Content-Type: "
    "application/x-www-form-urlencoded\\r\\nContent-Length: 90\\r\\n\\r\\nSAMLResponse=$E&RelayState=x+y%26z\"}},"
    "\"response\":{\"status\":302,\"statusText\":\"Found\",\"headers\":[{\"name\":\"Location\",\"value\":\"/home\"}],"
    "\"content\":{\"mimeType\":\"text/html\",\"size\":0,\"comment\":\"Response bodies are not included.\"},"
    "\"redirectURL\":\"/home\"},\"cache\":{},\"timings\":{},\"time\":5}]}}";

/* Small numbers as fractions, negative timings, no Location beside redirectURL. */
static const char safari[] =
    "{\n\t\"log\": {\n\t\t\"version\": \"1.2\",\n\t\t\"creator\": {\"name\": \"WebKit Web Inspector\", \"version\": "
    "\"1.0\"},\n"
    "\t\t\"pages\": [],\n\t\t\"entries\": [\n{\"pageref\": \"page_0\", \"startedDateTime\": "
    "\"2026-01-01T00:00:00.250Z\","
    " \"time\": 0.25001, \"request\": {\"method\": \"GET\", \"url\": \"https://sp.test/start?a=%2f\", \"httpVersion\": "
    "\"\","
    " \"cookies\": [], \"headers\": [{\"name\": \"Cookie\", \"value\": \"a=b\"}], \"queryString\": [], "
    "\"headersSize\": -1,"
    " \"bodySize\": -1}, \"response\": {\"status\": 200, \"statusText\": \"OK\", \"httpVersion\": \"\", \"cookies\": "
    "[],"
    " \"headers\": [], \"content\": {\"size\": 9, \"compression\": 0, \"mimeType\": \"text/html\", \"encoding\": "
    "\"base64\","
    " \"text\": \"PHA+aMOpPC9wPg==\"}, \"redirectURL\": \"\", \"headersSize\": -1, \"bodySize\": -1, "
    "\"_transferSize\": -1},"
    " \"cache\": {}, \"timings\": {\"blocked\": -1, \"dns\": -1, \"connect\": -1, \"ssl\": -1, \"send\": -1, \"wait\": "
    "-1,"
    " \"receive\": -1}, \"serverIPAddress\": \"127.0.0.1\", \"_serverPort\": 443, \"_fetchType\": \"Network Load\","
    " \"_priority\": \"high\"},\n{\"startedDateTime\": \"2026-01-01T00:00:01Z\", \"time\": -1, \"request\": "
    "{\"method\":"
    " \"POST\", \"url\": \"https://sp.test/acs\", \"headers\": [], \"postData\": {\"mimeType\":"
    " \"application/x-www-form-urlencoded\", \"text\": \"SAMLResponse=$E&RelayState=x+y%26z\"}}, \"response\": {"
    "\"status\": 302, \"headers\": [], \"content\": {\"size\": 0}, \"redirectURL\": \"/home\"}}]}}";

/* Microseconds, null where a time is not known, bodies without their content coding under the old header. */
static const char mitmproxy[] =
    "{\n    \"log\": {\n        \"version\": \"1.2\",\n        \"creator\": {\"name\": \"mitmproxy\", \"version\": "
    "\"12.0\","
    " \"comment\": \"\"},\n        \"pages\": [],\n        \"entries\": [\n"
    "{\"startedDateTime\": \"2026-01-01T00:00:00.250000+00:00\", \"time\": 1.5, \"request\": {\"method\": \"GET\","
    " \"url\": \"https://sp.test/start?a=%2f\", \"httpVersion\": \"HTTP/1.1\", \"cookies\": [], \"headers\": "
    "[{\"name\":"
    " \"Host\", \"value\": \"sp.test\"}], \"queryString\": [{\"name\": \"a\", \"value\": \"/\"}], \"headersSize\": 50,"
    " \"bodySize\": 0}, \"response\": {\"status\": 200, \"statusText\": \"OK\", \"httpVersion\": \"HTTP/1.1\", "
    "\"cookies\":"
    " [], \"headers\": [{\"name\": \"Content-Encoding\", \"value\": \"gzip\"}], \"content\": {\"size\": 29, "
    "\"compression\":"
    " -20, \"mimeType\": \"text/html\", \"text\": \"<p>h\\u00e9</p>\"}, \"redirectURL\": \"\", \"headersSize\": 9,"
    " \"bodySize\": 29}, \"cache\": {}, \"timings\": {\"connect\": null, \"ssl\": null, \"send\": 1.0, \"receive\": "
    "0.5,"
    " \"wait\": 0}, \"serverIPAddress\": \"127.0.0.1\"},\n"
    "{\"startedDateTime\": \"2026-01-01T00:00:01+00:00\", \"time\": 0, \"request\": {\"method\": \"POST\", \"url\":"
    " \"https://sp.test/acs\", \"httpVersion\": \"HTTP/1.1\", \"headers\": [], \"postData\": {\"mimeType\":"
    " \"application/x-www-form-urlencoded\", \"text\": \"SAMLResponse=$E&RelayState=x+y%26z\", \"params\": [{\"name\":"
    " \"SAMLResponse\", \"value\": \"$D\"}, {\"name\": \"RelayState\", \"value\": \"x y&z\"}]}}, \"response\": "
    "{\"status\":"
    " 302, \"statusText\": \"Found\", \"headers\": [{\"name\": \"Location\", \"value\": \"/home\"}], \"content\": "
    "{\"size\": 0,"
    " \"mimeType\": \"\", \"text\": \"\"}, \"redirectURL\": \"/home\", \"_error\": null}, \"_resourceType\": "
    "\"websocket\","
    " \"_webSocketMessages\": [], \"timings\": {\"connect\": -1.0, \"ssl\": -1.0}}]}}";

/* A body with its gzip coding still on, in base64; fields of a form as params only; comments everywhere. */
static const char fiddler[] =
    "{\"log\":{\"pages\":[],\"comment\":\"exported @ 1/1/2026\",\"entries\":["
    "{\"startedDateTime\":\"2026-01-01T00:00:00.2500000+00:00\",\"time\":26,\"comment\":\"[#4]\",\"connection\":"
    "\"ClientPort:52711;EgressPort:52712\",\"request\":{\"method\":\"GET\",\"url\":\"https://sp.test/start?a=%2f\","
    "\"httpVersion\":\"HTTP/"
    "1.1\",\"headers\":[{\"name\":\"Host\",\"value\":\"sp.test\"}],\"headersSize\":1,\"bodySize\":0,"
    "\"cookies\":[],\"queryString\":[]},\"response\":{\"status\":200,\"statusText\":\"OK\",\"httpVersion\":\"HTTP/"
    "1.1\","
    "\"headers\":[{\"name\":\"Content-Encoding\",\"value\":\"gzip\"}],\"content\":{\"compression\":0,\"mimeType\":"
    "\"text/html\",\"encoding\":\"base64\",\"size\":30,\"text\":\"H4sIAAAAAAACA7MpsMs4vNJGv8AOALw5AcQKAAAA\"},"
    "\"redirectURL\":\"\",\"headersSize\":1,\"bodySize\":30,\"cookies\":[]},\"cache\":{},\"timings\":{\"send\":0,"
    "\"wait\":26,"
    "\"receive\":0,\"dns\":-1,\"connect\":-1,\"blocked\":-1}},"
    "{\"startedDateTime\":\"2026-01-01T00:00:01.0000000+00:00\",\"time\":1,\"request\":{\"method\":\"POST\",\"url\":"
    "\"https://sp.test/acs\",\"headers\":[],\"postData\":{\"mimeType\":\"application/"
    "x-www-form-urlencoded\",\"params\":["
    "{\"name\":\"SAMLResponse\",\"value\":\"$D\"},{\"name\":\"RelayState\",\"value\":\"x "
    "y&z\"}]}},\"response\":{\"status\":"
    "302,\"headers\":[{\"name\":\"Location\",\"value\":\"/home\"}],\"content\":null,\"redirectURL\":\"/home\"}}],"
    "\"creator\":{\"name\":\"Fiddler\",\"comment\":\"https://fiddler2.com\",\"version\":\"5.0\"},\"version\":\"1.2\"}}";

/* params percent-encoded without text; a failed request among the others; creator last. */
static const char charles[] =
    "{\"log\":{\"version\":\"1.2\",\"entries\":["
    "{\"startedDateTime\":\"2026-01-01T00:00:00.250Z\",\"time\":7,\"request\":{\"method\":\"GET\",\"url\":"
    "\"https://sp.test/start?a=%2f\",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\"headers\":[],\"queryString\":[],"
    "\"headersSize\":0,\"bodySize\":0},\"response\":{\"_charlesStatus\":\"COMPLETE\",\"status\":200,\"statusText\":"
    "\"OK\","
    "\"httpVersion\":\"HTTP/1.1\",\"headers\":[],\"content\":{\"size\":9,\"mimeType\":\"text/html; "
    "charset=utf-8\",\"text\":"
    "\"PHA+aMOpPC9wPg==\",\"encoding\":\"base64\"},\"redirectURL\":null,\"headersSize\":0,\"bodySize\":9},"
    "\"serverIPAddress\":\"127.0.0.1\",\"cache\":{},\"timings\":{\"dns\":-1,\"connect\":-1,\"ssl\":-1,\"send\":0,"
    "\"wait\":7,"
    "\"receive\":0}},"
    "{\"startedDateTime\":\"2026-01-01T00:00:01.000Z\",\"time\":1,\"request\":{\"method\":\"POST\",\"url\":"
    "\"https://sp.test/acs\",\"headers\":[],\"postData\":{\"mimeType\":\"application/"
    "x-www-form-urlencoded\",\"params\":["
    "{\"name\":\"SAMLResponse\",\"value\":\"$E\"},{\"name\":\"RelayState\",\"value\":\"x+y%26z\"}]}},\"response\":{"
    "\"status\":302,\"headers\":[{\"name\":\"Location\",\"value\":\"/home\"}],\"redirectURL\":\"/home\"}}],"
    "\"creator\":{\"name\":\"Charles Proxy\",\"version\":\"4.6\"}}}";

const struct capture_sample capture_samples[] = {
    { "Chrome", chrome, "" },
    { "Chrome without sensitive data", chrome_sanitised,
      "no entry has a Cookie, Set-Cookie or Authorization header: Chrome leaves them out" },
    { "Firefox", firefox, "" },
    { "Safari", safari, "" },
    { "mitmproxy", mitmproxy, "" },
    { "Fiddler", fiddler, "" },
    { "Charles", charles, "" },
};

const size_t capture_sample_count = COUNT_OF(capture_samples);

void
capture_sample_fill(const struct capture_sample *sample, struct buf *out)
{
    const char *text = sample->text;
    struct buf plain;

    buf_init(&plain, 1 << 12);
    base64_encode(&plain, STR(CAPTURE_SAMPLE_XML));
    for (; *text != '\0'; text++) {
        if (text[0] != '$' || (text[1] != 'E' && text[1] != 'D')) {
            buf_add_byte(out, *text);
            continue;
        }
        for (size_t i = 0; i < plain.len; i++)
            if (text[1] == 'D' || (plain.bytes[i] != '+' && plain.bytes[i] != '/' && plain.bytes[i] != '='))
                buf_add_byte(out, plain.bytes[i]);
            else
                buf_printf(out, "%%%02X", (unsigned)plain.bytes[i]);
        text++;
    }
    buf_release(&plain);
}
