#include "auth/signature/signature_fault.hpp"

#include <functional>
#include <set>

#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::auth {
namespace {

/// A request with one fault, and what must be said of it.
struct Case {
    SignatureFault fault;
    std::string words;  ///< Part of them.
    std::function<void(OwnedRequest&)> spoil;
    Access access = Access::read;
    std::int64_t seconds_later = 0;
};

class FaultReport : public SigningFixture {
  protected:
    static std::string key(std::string_view value = kKey) {
        return ";keyid=\"" + std::string(value) + "\"";
    }
    static std::string created(std::int64_t at = kNow) { return ";created=" + std::to_string(at); }
    /// Signs anew, with other components or parameters.
    static std::function<void(OwnedRequest&)> signing(std::string components,
                                                      std::string parameters = {}) {
        return [=](OwnedRequest& request) { sign_as(request, components, parameters); };
    }
    static std::function<void(OwnedRequest&)> field(std::string name, std::string value) {
        return [=](OwnedRequest& request) { request.set(name, value); };
    }
    /// With the components as they stand, whether or not they can be signed.
    static std::function<void(OwnedRequest&)> input(std::string components,
                                                    std::string parameters = {}) {
        return field("Signature-Input",
                     "kwik=" + components + (parameters.empty() ? created() + key() : parameters));
    }
    static void give_body(OwnedRequest& request, std::string digest) {
        request.method = "POST";
        request.body = "body";
        request.set("Content-Digest", std::move(digest));
        sign_as(request, "(\"@method\" \"@target-uri\" \"content-digest\")");
    }

    static std::vector<Case> cases_of_fields();
    static std::vector<Case> cases_of_coverage();
    static std::vector<Case> cases_of_message();
    static std::vector<Case> cases_of_time();

    /// The fault and its words, as the answer to a test token has them.
    std::pair<SignatureFault, std::string> told(OwnedRequest& request, const Case& wrong) {
        const Timestamp now = at_seconds(kNow + wrong.seconds_later);
        static const std::vector<WantedField> kWanted{{"x-wanted", FieldName::other}};
        principal_ = Principal{};
        const Reason reason =
            authenticator_
                ->authenticate(request.view(), wrong.access, now, principal_, verified_, kWanted)
                .reason;
        RefusedSignature refused{verified_.fault, now, {}};
        const SignatureReport report = authenticator_->report(request.view(), refused);
        EXPECT_EQ(reason_of(refused.fault), reason) << row(refused.fault).token;
        return {refused.fault, report.words};
    }
};

std::vector<Case> FaultReport::cases_of_fields() {
    using enum SignatureFault;
    const std::string usual = std::string(kUsual) + created() + key();
    return {
        {input_repeated, "on 2 lines",
         [](OwnedRequest& r) { r.fields.emplace_back("signature-input", "x"); }},
        {signature_repeated, "on 2 lines",
         [](OwnedRequest& r) { r.fields.emplace_back("signature", "x"); }},
        {fields_missing, "neither", [](OwnedRequest& r) { r.fields.clear(); }},
        {input_missing, "no Signature-Input", [](OwnedRequest& r) { r.remove("Signature-Input"); }},
        {signature_missing, "no Signature", [](OwnedRequest& r) { r.remove("Signature"); }},
        {input_empty, "is empty", field("Signature-Input", "")},
        {input_unparsable, "from byte 12 on, at \"; @target-uri)\"",
         field("Signature-Input", "kwik=(\"@m\" ; @target-uri)")},
        {input_unparsable, "from byte 11 on, where it ends",
         field("Signature-Input", "kwik=(\"@m\"")},
        {too_many_signatures, "more than 4", field("Signature-Input", "a=(),b=(),c=(),d=(),e=()")},
        {too_many_parameters, "more than 8", input("(\"@method\")", ";a;b;c;d;e;f;g;h;i")},
        {label_repeated, "\"kwik\" twice",
         field("Signature-Input", "kwik=" + usual + ",kwik=" + usual)},
        {no_tagged_signature, "none has tag",
         field("Signature-Input", "a=" + usual + ",b=" + usual)},
        {several_tagged_signatures, "More than one",
         field("Signature-Input", "a=" + usual + ";tag=\"kwik\",b=" + usual + ";tag=\"kwik\"")},
        {signature_unparsable, "from byte 5 on, at \" :", field("Signature", "kwik :AAAA:")},
        {signature_label_missing, "the label \"kwik\"", field("Signature", "sig=:AAAA:")},
        {signature_label_repeated, "\"kwik\" twice",
         [](OwnedRequest& r) {
             r.set("Signature", r.get("Signature") + "," + r.get("Signature"));
         }},
        {signature_not_bytes, "\"abcd\", not base64", field("Signature", "kwik=abcd")},
        {signature_not_base64, "it holds \"-\"", field("Signature", "kwik=:ab-d:")},
        {signature_not_base64, "no colon ends it", field("Signature", "kwik=:abcd")},
        {signature_length, "3 bytes, and", field("Signature", "kwik=:AAAA:")},
    };
}

std::vector<Case> FaultReport::cases_of_coverage() {
    using enum SignatureFault;
    std::string many;
    for (int i = 0; i < 33; ++i) many += " \"x-" + std::to_string(i) + "\"";
    return {
        {too_many_components, "more than 32", input("(" + many.substr(1) + ")")},
        {component_unknown, "\"@status\"", input("(\"@status\")")},
        {component_name, "\"Date\"", input("(\"Date\")")},
        {component_of_trailer, "\"date\" is taken", input("(\"date\";tr)")},
        {component_of_request, "\"date\" has ;req", input("(\"date\";req)")},
        {component_parameter, "the component \"@method\"", input("(\"@method\";sf)")},
        {component_repeated, "\"date\" is covered", input("(\"date\" \"date\")")},
        {parameter_unknown, "\"x\" is unknown", input("(\"@method\")", ";x")},
        {parameter_repeated, "\"tag\" stands", input("()", ";tag=\"a\";tag=\"a\"")},
        {parameter_type, "created is not a whole number", input("()", ";created=\"1\"")},
        {parameter_type, "keyid is not in quotes", input("()", ";keyid=a")},
        {alg_unknown, "\"rsa\"", signing(std::string(kUsual), created() + key() + ";alg=\"rsa\"")},
        {tag_unknown, "\"other\"",
         signing(std::string(kUsual), created() + key() + ";tag=\"other\"")},
        {nonce_too_long, "129 characters",
         signing(std::string(kUsual),
                 created() + key() + ";nonce=\"" + std::string(129, 'n') + "\"")},
        {created_missing, "no created", signing(std::string(kUsual), key())},
        {keyid_missing, "no keyid", signing(std::string(kUsual), created())},
        {method_uncovered, "@method", signing("(\"@target-uri\")")},
        {target_uncovered, "the target", signing("(\"@method\")")},
        {target_uncovered, "@authority", signing("(\"@method\" \"@path\")")},
        {target_uncovered, "@path or", signing("(\"@method\" \"@authority\")")},
        {target_uncovered, "@query",
         [](OwnedRequest& r) {
             r.target = "/a?b=1";
             sign_as(r, "(\"@method\" \"@authority\" \"@path\")");
         }},
        {digest_uncovered, "does not cover content-digest",
         [](OwnedRequest& r) { r.body = "body"; }},
        {digest_uncovered, "one member by ;key",
         [](OwnedRequest& r) {
             r.body = "body";
             r.set("Content-Digest", content_digest_field("body"));
             sign_as(r, "(\"@method\" \"@target-uri\" \"content-digest\";key=\"sha-256\")");
         }},
        {field_uncovered, "the route wants covered", field("X-Wanted", "1")},
        {SignatureFault::nonce_missing, "no nonce", signing(std::string(kUsual), created() + key()),
         Access::write},
    };
}

std::vector<Case> FaultReport::cases_of_message() {
    using enum SignatureFault;
    const auto covering = [](std::string component) {
        return [=](OwnedRequest& r) {
            OwnedRequest whole = r;
            whole.target = "/2.0/customers/list?a=1";
            whole.set("X-A", "a=1");
            sign_as(whole, "(\"@method\" \"@target-uri\" " + component + ")");
            r.set("Signature-Input", whole.get("Signature-Input"));
            r.set("Signature", whole.get("Signature"));
        };
    };
    const auto with_query = [=](std::string query) {
        return [=](OwnedRequest& r) {
            covering("\"@query-param\";name=\"a\"")(r);
            r.target += query;
        };
    };
    return {
        {digest_unparsable, "\"sha-256=:AAAA:\"",
         [](OwnedRequest& r) { give_body(r, "sha-256=:AAAA:"); }},
        {digest_algorithm, "neither sha-256", [](OwnedRequest& r) { give_body(r, "md5=:AAAA:"); }},
        {digest_without_body, ": the body that arrived has sha-256=:47DEQ",
         [](OwnedRequest& r) {
             give_body(r, content_digest_field("body"));
             r.body.reset();
         }},
        {field_absent, "covers \"x-a\", and", covering("\"x-a\"")},
        {member_absent, "covers \"x-a\";key=\"a\", and",
         [=](OwnedRequest& r) {
             covering("\"x-a\";key=\"a\"")(r);
             r.set("X-A", "b=1");
         }},
        {field_not_structured, "covers \"x-a\";sf, and",
         [](OwnedRequest& r) {
             r.set("X-A", "1");
             r.set("Signature-Input",
                   "kwik=(\"@method\" \"@target-uri\" \"x-a\";sf)" + created() + key());
         }},
        {query_param_absent, "no such parameter", with_query("?b=1")},
        {query_param_repeated, "more than once", with_query("?a=1&a=1")},
        {value_not_text, "\"x-a\" holds control",
         [=](OwnedRequest& r) {
             covering("\"x-a\"")(r);
             r.set("X-A", "a\rb");
         }},
        {base_too_long, "longer than 16 KiB",
         [=](OwnedRequest& r) {
             covering("\"x-a\"")(r);
             r.set("X-A", std::string(20'000, 'a'));
         }},
        {keyid_is_secret, "is an API_SECRET",
         signing(std::string(kUsual), created() + key("kwk_live_sk_x"))},
        {keyid_is_public_key, "is a PUBLIC_KEY",
         signing(std::string(kUsual), created() + key("kwk_live_pk_0123456789abcdefghijkl"))},
        {keyid_mistyped, "not a whole one",
         signing(std::string(kUsual), created() + key("kwk_live_ak_0123"))},
        {signature_differs, "not that of the signature base",
         signing(std::string(kUsual), created() + key("kwk_live_ak_zzzzzzzzzzzzzzzzzzzzzz"))},
        {signature_differs, "not that of the signature base",
         [](OwnedRequest& r) { r.target = "/other"; }},
    };
}

std::vector<Case> FaultReport::cases_of_time() {
    using enum SignatureFault;
    return {
        {created_in_milliseconds, "1800000000000, which counts milliseconds",
         signing(std::string(kUsual), created(kNow * 1000) + key())},
        {created_ahead,
         "1800000000 (2027-01-15T08:00:00.000Z), 60 s ahead of",
         {},
         Access::read,
         -60},
        {created_too_old,
         "301 s before the gateway's clock, 2027-01-15T08:05:01.000Z; at most 300",
         {},
         Access::read,
         301},
        {expires_passed, "1800000060 (2027-01-15T08:01:00.000Z), 1 s before",
         signing(std::string(kUsual), created() + key() + ";expires=1800000060"), Access::read, 61},
    };
}

TEST_F(FaultReport, NamesTheFirstCauseOfEveryRefusal) {
    std::set<SignatureFault> seen;
    for (const auto& cases :
         {cases_of_fields(), cases_of_coverage(), cases_of_message(), cases_of_time()}) {
        for (const Case& wrong : cases) {
            OwnedRequest request;
            sign(request);
            ASSERT_EQ(judge(request, Access::write), Reason::none);
            EXPECT_EQ(verified_.fault, SignatureFault::none);
            if (wrong.spoil) wrong.spoil(request);
            const auto [fault, words] = told(request, wrong);
            EXPECT_EQ(row(fault).token, row(wrong.fault).token) << words;
            EXPECT_NE(words.find(wrong.words), std::string::npos) << words;
            EXPECT_EQ(words.find("{}"), std::string::npos) << words;
            seen.insert(fault);
        }
    }
    // Found by others than the authenticator, or by whoever operates the gateway.
    using enum SignatureFault;
    for (const SignatureFault other : {none, two_credentials, digest_differs, key_unknown,
                                       message_differs, secret_differs, nonce_replayed})
        seen.insert(other);
    for (const SignatureFaultRow& entry : signature_fault_table())
        EXPECT_TRUE(seen.contains(entry.fault)) << entry.token << " has no case";
}

TEST_F(FaultReport, BlamesTheSecretOnlyWhereNothingElseIsLeft) {
    for (const SignatureFaultRow& entry : signature_fault_table()) {
        if (entry.fault == SignatureFault::secret_differs) continue;
        for (const std::string_view text : {entry.words, entry.advice})
            EXPECT_EQ(text.find("secret differs"), std::string_view::npos) << entry.token;
    }
}

TEST_F(FaultReport, SaysTheSameOfAnUnknownKeyAndOfAWrongSecret) {
    add_token("kwk_test_ak_0123456789abcdefghijkl", "the-secret");
    std::vector<std::string> told_words;
    for (const std::string_view name :
         {"kwk_test_ak_0123456789abcdefghijkl", "kwk_test_ak_0123456789ABCDEFGHIJKL"}) {
        OwnedRequest request;
        sign(request, "n", kNow, name, "another-secret");
        const auto [fault, words] = told(request, {});
        EXPECT_EQ(fault, SignatureFault::signature_differs);
        EXPECT_TRUE(verified_.may_explain);
        told_words.push_back(words);
    }
    EXPECT_EQ(told_words[0], told_words[1]);
}

TEST_F(FaultReport, ExplainsAnInputThatNamesATestKeyEvenWhereItCannotBeRead) {
    OwnedRequest request;
    sign(request);
    request.set("Signature-Input", "kwik=(\"@method\";keyid=\"kwk_test_ak_x\"");
    EXPECT_EQ(judge(request), Reason::credential_malformed);
    EXPECT_TRUE(verified_.may_explain);
    request.set("Signature-Input", "kwik=(\"@method\";keyid=\"kwk_live_ak_x\"");
    EXPECT_EQ(judge(request), Reason::credential_malformed);
    EXPECT_FALSE(verified_.may_explain);
}

}  // namespace
}  // namespace kwikgate::auth
