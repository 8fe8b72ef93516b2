#include "auth/signature/signature_scheme.hpp"

#include <random>

#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::auth {
namespace {

using SignatureScheme = SigningFixture;

constexpr std::string_view kUsual = "(\"@method\" \"@target-uri\")";

TEST_F(SignatureScheme, AcceptsWhatOurSignerSigns) {
    OwnedRequest get;
    sign(get);
    EXPECT_EQ(judge(get), Reason::none);
    EXPECT_EQ(principal_.scheme, Scheme::signature);
    EXPECT_EQ(principal_.id.view(), "tok_0000000000000000000001");
    EXPECT_EQ(principal_.secret_generation, 1U);
    EXPECT_EQ(verified_.nonce, "nonce-0001");
    EXPECT_EQ(verified_.created, at_seconds(kNow));
    EXPECT_EQ(verified_.valid_until, at_seconds(kNow + 300));
    EXPECT_FALSE(verified_.covers_digest);

    OwnedRequest post;
    post.method = "POST";
    post.target = "/2.0/payouts/request?a=1";
    post.body = "{\"amount\":1}";
    sign(post);
    EXPECT_EQ(judge(post, Access::write), Reason::none);
    EXPECT_TRUE(verified_.covers_digest);
    ContentDigest digest;
    digest.start(verified_.digests);
    digest.update(*post.body);
    EXPECT_TRUE(digest.finish());
}

TEST_F(SignatureScheme, HoldsTheSignatureAgainstTheMinimumCoverage) {
    struct Row {
        std::string_view components;
        std::string_view target;
        Reason reason;
    };
    const Row rows[] = {
        {"(\"@method\" \"@target-uri\")", "/a?b=1", Reason::none},
        {"(\"@method\" \"@authority\" \"@path\" \"@query\")", "/a?b=1", Reason::none},
        {"(\"@method\" \"@authority\" \"@path\")", "/a", Reason::none},
        {"(\"@method\" \"@authority\" \"@path\" \"@query\")", "/a", Reason::none},
        {"(\"@method\" \"@authority\" \"@request-target\")", "/a?b=1", Reason::none},
        {"(\"@method\" \"@target-uri\")", "/a?", Reason::none},
        {"(\"@method\" \"@authority\" \"@request-target\")", "/a?", Reason::none},
        // Everything of RFC 9421, 7.2.1, 7.2.8 and 7.5 that leaves out what the server needs.
        {"()", "/a", Reason::signature_uncovered},
        {"(\"@target-uri\")", "/a", Reason::signature_uncovered},
        {"(\"@method\")", "/a", Reason::signature_uncovered},
        {"(\"@method\" \"@authority\")", "/a", Reason::signature_uncovered},
        {"(\"@method\" \"@path\")", "/a", Reason::signature_uncovered},
        {"(\"@method\" \"@request-target\")", "/a", Reason::signature_uncovered},
        {"(\"@method\" \"@authority\" \"@path\")", "/a?b=1", Reason::signature_uncovered},
        {"(\"@method\" \"@authority\" \"@query\")", "/a?b=1", Reason::signature_uncovered},
        {"(\"@method\" \"@authority\" \"@path\" \"@query-param\";name=\"b\")", "/a?b=1",
         Reason::signature_uncovered},
        {"(\"@method\" \"@authority\" \"@path\" \"@query\")", "/a?", Reason::signature_uncovered},
        {"(\"@method\" \"host\" \"@path\")", "/a", Reason::signature_uncovered},
        {"(\"@method\" \"@scheme\" \"@path\")", "/a", Reason::signature_uncovered},
    };
    for (const Row& row : rows) {
        OwnedRequest request;
        request.target = row.target;
        request.set("Host", request.authority);
        sign_as(request, row.components);
        EXPECT_EQ(judge(request), row.reason) << row.components << row.target;
    }
}

TEST_F(SignatureScheme, WantsTheWholeDigestOfABodySigned) {
    struct Row {
        std::string_view digest;
        std::string_view components;
        Reason reason;
    };
    const std::string right = content_digest_field("body");
    const std::string known_and_other = "md5=:AAAA:, " + right;
    const Row rows[] = {
        {right, "(\"@method\" \"@target-uri\" \"content-digest\")", Reason::none},
        {right, "(\"@method\" \"@target-uri\" \"content-digest\";sf)", Reason::none},
        {right, "(\"@method\" \"@target-uri\" \"content-digest\";bs)", Reason::none},
        {known_and_other, "(\"@method\" \"@target-uri\" \"content-digest\")", Reason::none},
        {right, "(\"@method\" \"@target-uri\")", Reason::signature_uncovered},
        {right, "(\"@method\" \"@target-uri\" \"content-digest\";key=\"sha-256\")",
         Reason::signature_uncovered},
        {"md5=:AAAA:", "(\"@method\" \"@target-uri\" \"content-digest\")",
         Reason::signature_uncovered},
        {"sha-256=:AAAA:", "(\"@method\" \"@target-uri\" \"content-digest\")",
         Reason::digest_mismatch},
        {"sha-256=abc", "(\"@method\" \"@target-uri\" \"content-digest\")",
         Reason::digest_mismatch},
        {"???", "(\"@method\" \"@target-uri\" \"content-digest\")", Reason::digest_mismatch},
    };
    for (const Row& row : rows) {
        OwnedRequest request;
        request.method = "POST";
        request.body = "body";
        request.set("Content-Digest", std::string(row.digest));
        sign_as(request, row.components);
        EXPECT_EQ(judge(request, Access::write), row.reason) << row.digest << row.components;
    }
}

TEST_F(SignatureScheme, NoticesABodyThatWasAddedOrTakenAway) {
    OwnedRequest without;
    without.method = "POST";
    sign(without);
    ASSERT_EQ(judge(without, Access::write), Reason::none);
    without.body = "added";
    EXPECT_EQ(judge(without, Access::write), Reason::signature_uncovered);

    OwnedRequest with;
    with.method = "POST";
    with.body = "taken away";
    sign(with);
    ASSERT_EQ(judge(with, Access::write), Reason::none);
    with.body.reset();
    EXPECT_EQ(judge(with, Access::write), Reason::digest_mismatch);

    OwnedRequest empty;
    empty.method = "POST";
    empty.body = "";
    sign(empty);
    EXPECT_EQ(judge(empty, Access::write), Reason::none);
}

TEST_F(SignatureScheme, HoldsItsParametersAgainstTheRules) {
    const std::string created = ";created=" + std::to_string(kNow);
    const std::string key = ";keyid=\"" + std::string(kKey) + "\"";
    const std::string nonce = ";nonce=\"n\"";
    struct Row {
        std::string parameters;
        Access access;
        Reason reason;
    };
    const Row rows[] = {
        {created + key, Access::read, Reason::none},
        {created + key + nonce, Access::write, Reason::none},
        {key + created + ";alg=\"hmac-sha256\";tag=\"kwik\"", Access::read, Reason::none},
        {created + key, Access::write, Reason::nonce_missing},
        {created + key + ";nonce=\"\"", Access::write, Reason::nonce_missing},
        {created + key + ";nonce=\"" + std::string(128, 'n') + "\"", Access::write, Reason::none},
        {created + key + ";nonce=\"" + std::string(129, 'n') + "\"", Access::write,
         Reason::credential_malformed},
        {key + nonce, Access::read, Reason::signature_uncovered},
        {created + nonce, Access::read, Reason::signature_uncovered},
        {created + key + ";alg=\"rsa-pss-sha512\"", Access::read, Reason::credential_malformed},
        {created + key + ";alg=\"HMAC-SHA256\"", Access::read, Reason::credential_malformed},
        {created + key + ";alg=\"\"", Access::read, Reason::credential_malformed},
        {created + key + ";tag=\"other\"", Access::read, Reason::credential_malformed},
        {created + key + ";tag=\"\"", Access::read, Reason::credential_malformed},
        {created + ";keyid=\"\"", Access::read, Reason::credential_invalid},
        {created + ";keyid=\"" + std::string(300, 'k') + "\"", Access::read,
         Reason::credential_invalid},
        {created + ";keyid=\"unknown-key\"", Access::read, Reason::credential_invalid},
    };
    for (const Row& row : rows) {
        OwnedRequest request;
        sign_as(request, kUsual, row.parameters);
        EXPECT_EQ(judge(request, row.access), row.reason) << row.parameters;
    }
}

TEST_F(SignatureScheme, JudgesFreshnessAtBothEnds) {
    struct Row {
        std::int64_t created_ms_before_now;
        std::optional<std::int64_t> expires_ms_after_now;
        Reason reason;
    };
    const Row rows[] = {
        {0, {}, Reason::none},
        {300'000, {}, Reason::none},
        {300'001, {}, Reason::signature_expired},
        {-30'000, {}, Reason::none},
        {-30'001, {}, Reason::signature_not_yet_valid},
        {10'000, 0, Reason::none},
        {10'000, -1, Reason::signature_expired},
        {10'000, 100'000, Reason::none},
        {300'001, 100'000, Reason::signature_expired},
    };
    for (const Row& row : rows) {
        OwnedRequest request;
        // Times are whole seconds, so the clock is what is moved.
        const Timestamp now =
            at_seconds(kNow) + std::chrono::milliseconds(row.created_ms_before_now);
        std::string parameters = usual_parameters();
        Timestamp judged_at = now;
        if (row.expires_ms_after_now) {
            const std::int64_t expires = kNow + 200;
            parameters += ";expires=" + std::to_string(expires);
            if (row.reason == Reason::none || row.created_ms_before_now < 300'000)
                judged_at =
                    at_seconds(expires) - std::chrono::milliseconds(*row.expires_ms_after_now);
        }
        sign_as(request, kUsual, parameters);
        EXPECT_EQ(judge(request, Access::read, judged_at), row.reason)
            << row.created_ms_before_now << " " << row.expires_ms_after_now.value_or(-99);
    }
}

TEST_F(SignatureScheme, AsksTheNonceToBeKeptAsLongAsTheSignatureIsGood) {
    OwnedRequest request;
    sign_as(request, kUsual, usual_parameters() + ";expires=" + std::to_string(kNow + 60));
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(verified_.valid_until, at_seconds(kNow + 60));
    sign_as(request, kUsual, usual_parameters() + ";expires=" + std::to_string(kNow + 900));
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(verified_.valid_until, at_seconds(kNow + 300));
    authenticator_->set_policy({std::chrono::seconds(600), std::chrono::seconds(0)});
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(verified_.valid_until, at_seconds(kNow + 600));
    EXPECT_EQ(judge(request, Access::read, at_seconds(kNow - 1)), Reason::signature_not_yet_valid);
}

TEST_F(SignatureScheme, SaysNothingAboutTheAgeOfAWrongSignature) {
    OwnedRequest request;
    sign(request, "n", kNow - 10'000);
    EXPECT_EQ(judge(request), Reason::signature_expired);
    sign(request, "n", kNow - 10'000, kKey, "another-secret");
    EXPECT_EQ(judge(request), Reason::credential_invalid);
    sign(request, "n", kNow + 10'000, "unknown-key", kSecret);
    EXPECT_EQ(judge(request), Reason::credential_invalid);
}

TEST_F(SignatureScheme, ChoosesTheOneSignatureThatIsForUs) {
    OwnedRequest request;
    const auto signed_as = [&](std::string_view label, std::string_view extra) {
        OwnedRequest copy = request;
        const auto fields =
            sign_components(copy.view(), label, kUsual, usual_parameters() + std::string(extra),
                            derive_hmac_key(kSecret));
        return *fields;
    };
    const auto ours = signed_as("a", ";tag=\"kwik\"");
    const auto plain = signed_as("b", "");
    const auto foreign = signed_as("c", ";tag=\"other\"");
    const auto second = signed_as("d", ";tag=\"kwik\"");
    const std::string odd = "e=(\"@status\";req \"x\";tr);unknown=1;tag=\"other\"";
    struct Row {
        std::string input, signature;
        Reason reason;
    };
    const std::string none = "e=:AAAA:";
    const Row rows[] = {
        {ours.signature_input, ours.signature, Reason::none},
        {plain.signature_input, plain.signature, Reason::none},
        {ours.signature_input, ours.signature + ", " + plain.signature, Reason::none},
        {plain.signature_input + ", " + ours.signature_input,
         ours.signature + ", " + plain.signature, Reason::none},
        {ours.signature_input + ", " + foreign.signature_input,
         ours.signature + ", " + foreign.signature, Reason::none},
        {odd + "," + ours.signature_input, none + ", " + ours.signature, Reason::none},
        {foreign.signature_input, foreign.signature, Reason::credential_malformed},
        {plain.signature_input + ", " + foreign.signature_input,
         plain.signature + ", " + foreign.signature, Reason::credential_ambiguous},
        {ours.signature_input + ", " + second.signature_input,
         ours.signature + ", " + second.signature, Reason::credential_ambiguous},
        {ours.signature_input + ", " + ours.signature_input, ours.signature,
         Reason::credential_malformed},
        {ours.signature_input, ours.signature + ", " + ours.signature,
         Reason::credential_malformed},
        {ours.signature_input, plain.signature, Reason::credential_malformed},
        {ours.signature_input, "a=:AAAA:", Reason::credential_malformed},
        {ours.signature_input, "a=\"AAAA\"", Reason::credential_malformed},
        {ours.signature_input, "a", Reason::credential_malformed},
        {ours.signature_input, "", Reason::credential_malformed},
        {"", ours.signature, Reason::credential_malformed},
        {"a=\"@method\"", ours.signature, Reason::credential_malformed},
        {"a=(@method)", ours.signature, Reason::credential_malformed},
        {"a=(1 2)", ours.signature, Reason::credential_malformed},
        {"a", ours.signature, Reason::credential_malformed},
        {ours.signature_input + ",", ours.signature, Reason::credential_malformed},
        {ours.signature_input + ",v=(),w=(),x=(),y=()", ours.signature,
         Reason::credential_malformed},
    };
    for (const Row& row : rows) {
        request.set("Signature-Input", row.input);
        request.set("Signature", row.signature);
        EXPECT_EQ(judge(request), row.reason) << row.input << "\n" << row.signature;
    }
}

TEST_F(SignatureScheme, RefusesRepeatedAndMissingFields) {
    OwnedRequest request;
    sign(request);
    OwnedRequest twice = request;
    twice.fields.emplace_back("Signature", request.get("Signature"));
    EXPECT_EQ(judge(twice), Reason::duplicate_field);
    twice = request;
    twice.fields.emplace_back("signature-input", request.get("Signature-Input"));
    EXPECT_EQ(judge(twice), Reason::duplicate_field);
    OwnedRequest half = request;
    half.remove("Signature");
    EXPECT_EQ(judge(half), Reason::credential_missing);
    half = request;
    half.remove("Signature-Input");
    EXPECT_EQ(judge(half), Reason::credential_missing);
}

TEST_F(SignatureScheme, AcceptsBothSecretsWhileARotationOverlaps) {
    store::TokenRecord record = add_token("rotating-key", "old-secret");
    record.previous_secret = record.secret;
    record.previous_secret->valid_until = at_seconds(kNow + 100);
    record.secret = seal("new-secret", record.id, 2);
    update(record);
    OwnedRequest request;
    sign(request, "n", kNow, "rotating-key", "new-secret");
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(principal_.secret_generation, 2U);
    sign(request, "n", kNow, "rotating-key", "old-secret");
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(principal_.secret_generation, 1U);
    EXPECT_EQ(judge(request, Access::read, at_seconds(kNow + 100)), Reason::credential_invalid);
    sign(request, "n", kNow, "rotating-key", "older-secret");
    EXPECT_EQ(judge(request), Reason::credential_invalid);
}

TEST_F(SignatureScheme, CallsARecordThatDoesNotOpenOurOwnFailure) {
    add_token("broken-key", "secret",
              [](store::TokenRecord& record) { record.secret.sealed_key[20] ^= 1; });
    OwnedRequest request;
    sign(request, "n", kNow, "broken-key", "secret");
    EXPECT_EQ(judge(request), Reason::store_unavailable);
}

TEST_F(SignatureScheme, UnderstandsAKeyIdWithEscapedCharacters) {
    add_token("key\"with\\both", "secret");
    OwnedRequest request;
    sign(request, "n", kNow, "key\"with\\both", "secret");
    EXPECT_EQ(judge(request), Reason::none);
}

TEST_F(SignatureScheme, TellsARepeatedKeyWhateverItsStatus) {
    add_token("disabled-key", "secret",
              [](store::TokenRecord& record) { record.status = TokenStatus::disabled; });
    OwnedRequest request;
    sign(request, "n", kNow, "disabled-key", "secret");
    EXPECT_EQ(judge(request), Reason::none) << "who it is comes before what it may";
    EXPECT_EQ(principal_.status, TokenStatus::disabled);
    sign(request, "n", kNow, "disabled-key", "wrong");
    EXPECT_EQ(judge(request), Reason::credential_invalid);
}

TEST_F(SignatureScheme, ExplainsOnlyToTestKeysAndDebugTokens) {
    add_token("debug-key", "secret", [](store::TokenRecord& record) { record.debug = true; });
    struct Row {
        std::string_view key;
        bool may_explain;
    };
    for (const Row& row : {Row{kKey, false}, Row{"debug-key", true}, Row{"unknown-key", false},
                           Row{"kwk_test_ak_unknown", true}}) {
        OwnedRequest request;
        sign(request, "n", kNow, row.key, "wrong");
        EXPECT_EQ(judge(request), Reason::credential_invalid);
        EXPECT_EQ(verified_.may_explain, row.may_explain) << row.key;
        sign_as(request, "(\"@method\")", ";created=1;keyid=\"" + std::string(row.key) + "\"");
        EXPECT_EQ(judge(request), Reason::signature_uncovered);
        EXPECT_EQ(verified_.may_explain, row.may_explain) << row.key;
    }
    OwnedRequest nothing;
    nothing.set("Signature-Input", "?");
    nothing.set("Signature", "?");
    EXPECT_EQ(judge(nothing), Reason::credential_malformed);
    EXPECT_FALSE(verified_.may_explain) << "of the request before";
}

TEST_F(SignatureScheme, DescribesTheBaseLineByLine) {
    OwnedRequest request;
    sign(request);
    EXPECT_EQ(authenticator_->describe_base(request.view()),
              "\"@method\": GET\n\"@target-uri\": https://api.example.com/2.0/customers/list\n"
              "\"@signature-params\": (\"@method\" \"@target-uri\");created=1800000000;keyid=\"" +
                  std::string(kKey) + "\";nonce=\"nonce-0001\";alg=\"hmac-sha256\";tag=\"kwik\"");
    request.set("X-A", "1");
    sign_as(request, "(\"@method\" \"x-a\")");
    request.remove("X-A");
    EXPECT_EQ(authenticator_->describe_base(request.view()),
              "\"@method\": GET\n# \"x-a\": the request as received has no such field");
    request.set("Signature-Input", "sig=(\"@method\";tr);created=1");
    EXPECT_EQ(authenticator_->describe_base(request.view()),
              "# @method: trailers cannot be signed (;tr)");
    request.set("Signature-Input", "nonsense(");
    EXPECT_TRUE(authenticator_->describe_base(request.view()).starts_with("# Signature-Input or "));
}

TEST_F(SignatureScheme, AsksForACoverageThatItAccepts) {
    for (const bool has_body : {false, true}) {
        const std::string asked(accept_signature_field(has_body));
        const std::size_t open = asked.find('(');
        const std::size_t close = asked.find(')');
        OwnedRequest request;
        if (has_body) {
            request.body = "x";
            request.set("Content-Digest", content_digest_field("x"));
        }
        sign_as(request, asked.substr(open, close + 1 - open));
        EXPECT_EQ(judge(request), Reason::none) << asked;
    }
}

/// Flips bits anywhere in what is covered or in the signature itself.
class Mutator {
  public:
    explicit Mutator(unsigned seed) : random_(seed) {}
    /// False when the change means the same: only the case of the host.
    bool mutate(OwnedRequest& request) {
        const OwnedRequest before = request;
        std::string* const parts[] = {
            &request.method,           &request.target,          &request.authority,
            &request.scheme,           &*request.body,           &request.fields[0].second,
            &request.fields[1].second, &request.fields[2].second};
        for (std::size_t flips = 1 + below(3); flips > 0; --flips) {
            std::string& part = *parts[below(std::size(parts))];
            part[below(part.size())] ^= static_cast<char>(1U << below(8));
        }
        const bool same = request.method == before.method && request.target == before.target &&
                          request.body == before.body && request.fields == before.fields &&
                          lower(request.authority) == lower(before.authority) &&
                          lower(request.scheme) == lower(before.scheme);
        return !same;
    }

  private:
    std::size_t below(std::size_t limit) { return random_() % limit; }
    static std::string lower(std::string text) {
        for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return text;
    }
    std::mt19937 random_;
};

TEST_F(SignatureScheme, AcceptsNoneOfTenThousandMutations) {
    OwnedRequest original;
    original.method = "POST";
    original.target = "/2.0/payouts/request?draft=no";
    original.body = "{\"amount\":1200,\"to\":\"rcp_1\"}";
    sign(original);
    ASSERT_EQ(original.fields.size(), 3U);
    Mutator mutator(9421);
    ContentDigest digest;
    int judged = 0;
    while (judged < 10'000) {
        OwnedRequest request = original;
        if (!mutator.mutate(request)) continue;
        ++judged;
        if (judge(request, Access::write) != Reason::none) continue;
        digest.start(verified_.digests);
        digest.update(*request.body);
        ASSERT_FALSE(verified_.covers_digest && digest.finish())
            << request.method << " " << request.url() << "\n"
            << request.get("Signature-Input") << "\n"
            << request.get("Signature") << "\n"
            << *request.body;
        ASSERT_TRUE(verified_.covers_digest);
        ASSERT_NE(*request.body, *original.body);
    }
}

TEST_F(SignatureScheme, AcceptsNoSignatureOfAnotherComponentListOrOrder) {
    OwnedRequest request;
    request.target = "/a?b=1";
    sign_as(request, "(\"@method\" \"@authority\" \"@path\" \"@query\")");
    ASSERT_EQ(judge(request), Reason::none);
    const std::string input = request.get("Signature-Input");
    for (const std::string_view list :
         {"(\"@authority\" \"@method\" \"@path\" \"@query\")",
          "(\"@method\" \"@authority\" \"@path\" \"@query\" \"@scheme\")",
          "(\"@method\" \"@target-uri\")", "(\"@method\" \"@authority\" \"@request-target\")"}) {
        request.set("Signature-Input",
                    "sig=" + std::string(list) + input.substr(input.find(')') + 1));
        EXPECT_EQ(judge(request), Reason::credential_invalid) << list;
    }
}

TEST_F(SignatureScheme, GivesTheTokenOfAnotherNothing) {
    add_token("other-key", "other-secret");
    OwnedRequest request;
    sign(request, "n", kNow, "other-key", kSecret);
    EXPECT_EQ(judge(request), Reason::credential_invalid);
    sign(request, "n", kNow, "other-key", "other-secret");
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(principal_.id.view(), "tok_0000000000000000000002");
}

}  // namespace
}  // namespace kwikgate::auth
