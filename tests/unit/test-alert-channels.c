/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What each channel makes of one and the same alert, byte for byte, and of a recovery. In the
 * wanted texts ' stands for ", so that they can be read.
 */

#include "channel-case.h"

#define HEADLINE "support-bot failed: exit-code (exited, 1/FAILURE)"
#define Z        "\u200b" /* of no width */

static void assert_json(const char *seen, const char *wanted) {
        char *text = strdup(wanted);

        for (char *p = text; (p = strchr(p, '\'')); p++)
                *p = '"';
        assert_string_equal(seen, text);
        free(text);
}

typedef struct ExactRow {
        const char *channel, *secret, *url, *header, *body;
} ExactRow;

/* clang-format off */
#define FACT(t, v) "{'type':'mrkdwn','text':'*" t "*\\n" v "'}"
static const char slack[] =
        "{'text':'" HEADLINE "','blocks':[{'type':'header','text':{'type':'plain_text','text':'"
        HEADLINE "','emoji':false}},{'type':'section','text':{'type':'mrkdwn','text':'Support "
        "*desk*'}},{'type':'section','fields':[" FACT("Host", "web1 (production)") ","
        FACT("Unit", "support-bot.service") "," FACT("Time", "2026-01-31T08:15:00Z") ","
        FACT("Ran for", "3min 12s") "," FACT("Restarts", "4") "," FACT("Memory peak", "96.0 MiB")
        "," FACT("Contact", "ops@example.com") ","
        FACT("Invocation", "00000000000000000000000000000001") "," FACT("Alert", CASE_ID)
        "]},{'type':'section','text':{'type':'mrkdwn','text':'```\\nTraceback:\\n  "
        "&lt;ValueError&gt; &amp; `" Z "x`" Z "\\n```'}}]}";
#undef FACT

#define FACT(t, v) "{'name':'" t "','value':'" v "','inline':true}"
static const char discord[] =
        "{'embeds':[{'title':'" HEADLINE "','description':'Support \\\\*desk\\\\*\\n```\\n"
        "Traceback:\\n  <ValueError> & `" Z "x`" Z "\\n```','color':14233637,'fields':["
        FACT("Host", "web1 (production)") "," FACT("Unit", "support-bot.service") ","
        FACT("Time", "2026-01-31T08:15:00Z") "," FACT("Ran for", "3min 12s") ","
        FACT("Restarts", "4") "," FACT("Memory peak", "96.0 MiB") ","
        FACT("Contact", "ops@" Z "example.com") ","
        FACT("Invocation", "00000000000000000000000000000001") "," FACT("Alert", CASE_ID)
        "],'timestamp':'2026-01-31T08:15:00Z'}],'allowed_mentions':{'parse':[]}}";
#undef FACT

#define BLOCK(x)   "{'type':'RichTextBlock','spacing':'None','inlines':[" x "]}"
#define RUN(t, w)  "{'type':'TextRun','text':'" t "','weight':'" w "'}"
#define FACT(t, v) BLOCK(RUN(t, "Bolder") "," RUN(": ", "Default") "," RUN(v, "Default"))
#define LINE(t)                                                                                    \
        BLOCK("{'type':'TextRun','text':'" t "','weight':'Default','fontType':'Monospace'}")
static const char teams[] =
        "{'type':'message','attachments':[{'contentType':'application/vnd.microsoft.card.adaptive',"
        "'contentUrl':null,'content':{'$schema':'http://adaptivecards.io/schemas/adaptive-card.json"
        "','type':'AdaptiveCard','version':'1.4','msteams':{'width':'Full'},'body':["
        BLOCK("{'type':'TextRun','text':'" HEADLINE "','weight':'Bolder','size':'Large','color':"
              "'Attention'}") ","
        BLOCK(RUN("Support *desk*", "Default")) "," FACT("Host", "web1 (production)") ","
        FACT("Unit", "support-bot.service") "," FACT("Time", "2026-01-31T08:15:00Z") ","
        FACT("Ran for", "3min 12s") "," FACT("Restarts", "4") "," FACT("Memory peak", "96.0 MiB")
        "," FACT("Contact", "ops@example.com") ","
        FACT("Invocation", "00000000000000000000000000000001") "," FACT("Alert", CASE_ID) ","
        LINE("Traceback:") "," LINE("  <ValueError> & `x`") "]}}]}";
#undef FACT

#define FACTS                                                                                      \
        "Host: web1 (production)\\nUnit: support-bot.service\\nTime: 2026-01-31T08:15:00Z\\nRan "  \
        "for: 3min 12s\\nRestarts: 4\\nMemory peak: 96.0 MiB\\nContact: ops@example.com\\n"        \
        "Invocation: 00000000000000000000000000000001\\nAlert: " CASE_ID "\\n"

static const char telegram[] =
        "{'chat_id':'-5','text':'" HEADLINE "\\nSupport *desk*\\n" FACTS "Traceback:\\n  "
        "<ValueError> & `x`','entities':[{'type':'bold','offset':0,'length':49},{'type':'pre',"
        "'offset':304,"
        "'length':31}],'link_preview_options':{'is_disabled':true}}";

#define FACT(t, v) "'" t "':'" v "'"
static const char pagerduty[] =
        "{'routing_key':'KEY','event_action':'trigger','dedup_key':'fte/web1/support-bot',"
        "'payload':{'summary':'" HEADLINE "','source':'web1','severity':'critical','component':"
        "'support-bot',"
        "'group':'production','class':'failure','custom_details':{"
        FACT("Host", "web1 (production)")
        "," FACT("Unit", "support-bot.service") "," FACT("Time", "2026-01-31T08:15:00Z") ","
        FACT("Ran for", "3min 12s") "," FACT("Restarts", "4") "," FACT("Memory peak", "96.0 MiB")
        "," FACT("Contact", "ops@example.com") ","
        FACT("Invocation", "00000000000000000000000000000001") "," FACT("Alert", CASE_ID) ","
        FACT("Log", "Traceback:\\n  <ValueError> & `x`") "},'timestamp':'2026-01-31T08:15:00Z'}}";
#undef FACT

static const char ntfy[] =
        "{'topic':'topic','title':'" HEADLINE "','message':'Support *desk*\\n" FACTS "\\n"
        "Traceback:\\n  <ValueError> & `x`','priority':5,'tags':['rotating_light']}";

static const char webhook[] =
        "{'version':1,'id':'" CASE_ID "','kind':'failure','dedup_key':'fte/web1/support-bot',"
        "'headline':'" HEADLINE "','time':'2026-01-31T08:15:00Z','host':'web1','environment':"
        "'production','agent':'support-bot','unit':'support-bot.service','description':'Support "
        "*desk*','contact':'ops@example.com','result':'exit-code','exit_code':'exited',"
        "'exit_status':'1/FAILURE','uptime_seconds':192.0,'outage_seconds':null,'restarts':4,"
        "'repeated':0,'memory_peak_bytes':100663296,'log':{'invocation_id':"
        "'00000000000000000000000000000001','lines':['Traceback:','  <ValueError> & `x`']}}";

/* clang-format on */

static const ExactRow exact_rows[] = {
        { "slack", "https://s/x", "https://s/x", NULL, slack },
        { "discord", "https://s/x", "https://s/x", NULL, discord },
        { "teams", "https://s/x", "https://s/x", NULL, teams },
        { "telegram", "12:aB_-\t-5", "https://api.telegram.org/bot12:aB_-/sendMessage", NULL,
          telegram },
        { "pagerduty", "KEY", "https://events.pagerduty.com/v2/enqueue", NULL, pagerduty },
        { "ntfy", "https://ntfy.sh/topic", "https://ntfy.sh/", NULL, ntfy },
        { "ntfy", "https://n:8/topic tk_1", "https://n:8/", "Authorization: Bearer tk_1", ntfy },
        { "webhook", "https://s/x", "https://s/x", NULL, webhook },
};

static void test_exact(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(exact_rows); i++) {
                const ExactRow *row = &exact_rows[i];
                ChannelCase c;

                case_init(&c, row->secret);
                assert_json(case_format(&c, row->channel), row->body);
                assert_int_equal(c.out.kind, OUTGOING_HTTP);
                assert_string_equal(c.out.url, row->url);
                assert_string_equal(c.out.headers[0], "Content-Type: application/json");
                if (row->header)
                        assert_string_equal(c.out.headers[1], row->header);
                else
                        assert_null(c.out.headers[1]);
                case_done(&c);
        }
}

static void test_bare(void **state) {
        /* An alert of which nothing is known: every channel still makes something valid of it. */
        for (size_t i = 0; i < n_channels; i++) {
                ChannelCase c;

                case_init(&c, "https://s/x 5");
                alert_init(&c.alert);
                c.alert.agent = "x";
                c.secret.words[0] = streq(channels[i].name, "telegram") ? "1:a" : "https://s/x";
                c.target.argument = streq(channels[i].name, "email") ? "a@b.c" : "/bin/true";
                assert_true(strlen(case_format(&c, channels[i].name)) > 20);
                case_done(&c);
        }
}

static void test_recovery(void **state) {
        ChannelCase c;
        json_t *root;

        case_init(&c, "KEY");
        c.alert.kind = ALERT_KIND_RECOVERY;
        c.alert.outage_usec = 65 * USEC_PER_SEC;
        root = json_loads(case_format(&c, "pagerduty"), 0, NULL);
        assert_string_equal(json_string_value(json_object_get(root, "event_action")), "resolve");
        assert_string_equal(json_string_value(json_object_get(root, "dedup_key")),
                            "fte/web1/support-bot");
        json_decref(root);
        case_done(&c);
        case_init(&c, "KEY");
        c.alert.kind = ALERT_KIND_TEST;
        root = json_loads(case_format(&c, "pagerduty"), 0, NULL);
        assert_string_equal(json_string_value(json_object_get(root, "dedup_key")),
                            "fte/web1/support-bot/test");
        json_decref(root);
        case_done(&c);
}

static void test_signature(void **state) {
        /* printf '%s' "1769847301.BODY" | openssl dgst -sha256 -hmac key */
        ChannelCase c;

        case_init(&c, "https://s/x");
        c.target.extra_path = "/etc/fte/key";
        assert_int_equal(secret_parse("key\n", 4, &c.extra), 0);
        case_format(&c, "webhook");
        assert_string_equal(c.out.headers[1],
                            "X-FTE-Signature: t=1769847301,v1="
                            "f155e45f528842d4990c1efbc69cfcee75cfac6afa97540a4d4470150564cea6");
        assert_null(c.out.headers[2]);
        case_done(&c);
}

static const struct {
        const char *channel, *secret, *argument;
} refused_rows[] = {
        { "telegram", "1:a/../../x 5", "" },
        { "telegram", "1:a?x= 5", "" },
        { "ntfy", "https://ntfy.sh", "" },
        { "ntfy", "https://ntfy.sh/", "" },
        { "ntfy", "https://ntfy.sh/a?b", "" },
        { "ntfy", "ntfy.sh/topic", "" },
        { "email", NULL, "" },
        { "email", NULL, "ops" },
        { "email", NULL, "-o@example.com" },
        { "email", NULL, "a@b\r\nBcc: c@d" },
        { "email", NULL, "a@b,c@d" },
        { "email", NULL, "a@b c@d" },
        { "command", NULL, "" },
        { "command", NULL, "  " },
        { "command", NULL, "'unterminated" },
};

static void test_refused(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(refused_rows); i++) {
                ChannelCase c;

                case_init(&c, refused_rows[i].secret);
                c.target.argument = refused_rows[i].argument;
                assert_int_equal(case_try(&c, refused_rows[i].channel), -EINVAL);
                assert_null(c.out.body.text);
                case_done(&c);
        }
}

static void test_mail(void **state) {
        static const char head[] =
                "From: fte-alert@web1\nTo: ops@example.com\n"
                "Subject: =?UTF-8?B?c3VwcG9ydC1ib3QgZmFpbGVkOiBzw6lnZmF1bHQgPT8gKGV4?=\n"
                " =?UTF-8?B?aXRlZCwgMS9GQUlMVVJFKQ==?=\n"
                "Date: Sat, 31 Jan 2026 08:15:00 +0000\n"
                "Message-ID: <" CASE_ID "@fte-alert.invalid>\n"
                "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
                "Content-Type: text/plain; charset=utf-8\n"
                "Content-Transfer-Encoding: quoted-printable\n\n"
                "support-bot failed: s=C3=A9gfault =3D? (exited, 1/FAILURE)\n"
                "Support *desk*\n\n"
                "Host         web1 (production)\n";
        ChannelCase c;
        const char *text;

        case_init(&c, NULL);
        c.alert.result = "ségfault =?";
        c.target.argument = "ops@example.com";
        text = case_format(&c, "email");
        assert_int_equal(c.out.kind, OUTGOING_PROCESS);
        assert_string_equal(c.out.argv[0], "/usr/sbin/sendmail");
        assert_memory_equal(text, head, strlen(head));
        case_done(&c);
}

static void test_command(void **state) {
        ChannelCase c;

        case_init(&c, NULL);
        c.target.argument = "/bin/page \"a b\" 'c'";
        assert_json(case_format(&c, "command"), webhook);
        assert_string_equal(c.out.argv[1], "a b");
        assert_string_equal(c.out.argv[2], "c");
        assert_null(c.out.argv[3]);
        assert_string_equal(c.out.envp[3], "FTE_ALERT_KIND=failure");
        case_done(&c);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_exact),     cmocka_unit_test(test_bare),
                cmocka_unit_test(test_recovery),  cmocka_unit_test(test_signature),
                cmocka_unit_test(test_refused),   cmocka_unit_test(test_mail),
                cmocka_unit_test(test_command),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
