#include "auth/signature/coverage.hpp"

#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::auth {
namespace {

using SignatureCoverage = SigningFixture;

TEST_F(SignatureCoverage, HoldsTheSignatureAgainstTheMinimumCoverage) {
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
        {"(\"@method\" \"@authority\" \"@path\" \"@query\")", "/a?", Reason::none},
        {"(\"@method\" \"@authority\" \"@path\")", "/a?", Reason::signature_uncovered},
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

TEST_F(SignatureCoverage, WantsTheWholeDigestOfABodySigned) {
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

TEST_F(SignatureCoverage, NoticesABodyThatWasAddedOrTakenAway) {
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

TEST_F(SignatureCoverage, HoldsItsParametersAgainstTheRules) {
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

TEST_F(SignatureCoverage, ChoosesTheOneSignatureThatIsForUs) {
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

TEST_F(SignatureCoverage, RefusesRepeatedAndMissingFields) {
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
    EXPECT_EQ(judge(half), Reason::credential_malformed);
    half = request;
    half.remove("Signature-Input");
    EXPECT_EQ(judge(half), Reason::credential_malformed);
}

TEST_F(SignatureCoverage, AsksForACoverageThatItAccepts) {
    for (const bool has_body : {false, true}) {
        OwnedRequest request;
        if (has_body) {
            request.body = "x";
            request.set("Content-Digest", content_digest_field("x"));
        }
        std::string room;
        const std::string asked(accept_signature_field(request.view(), {}, room));
        const std::size_t open = asked.find('(');
        const std::size_t close = asked.find(')');
        sign_as(request, asked.substr(open, close + 1 - open));
        EXPECT_EQ(judge(request), Reason::none) << asked;
    }
}

class SignatureWantedFields : public SigningFixture {
  protected:
    Reason judge_wanted(OwnedRequest& request, Access access = Access::read) {
        return authenticator_
            ->authenticate(request.view(), access, at_seconds(kNow), principal_, verified_, wanted_)
            .reason;
    }
    const std::vector<WantedField> wanted_ = {{"x-max-amount", FieldName::other},
                                              {"content-type", FieldName::content_type}};
};

TEST_F(SignatureWantedFields, MustBeCoveredWhereTheyAre) {
    struct Row {
        std::string_view components;
        Reason reason;
    };
    const Row rows[] = {
        {"(\"@method\" \"@target-uri\" \"x-max-amount\" \"content-type\")", Reason::none},
        {"(\"@method\" \"@target-uri\" \"x-max-amount\";bs \"content-type\")", Reason::none},
        {"(\"@method\" \"@target-uri\" \"x-max-amount\")", Reason::signature_uncovered},
        {"(\"@method\" \"@target-uri\" \"content-type\")", Reason::signature_uncovered},
        {"(\"@method\" \"@target-uri\" \"x-max-amount\";key=\"a\" \"content-type\")",
         Reason::signature_uncovered},
        {"(\"@method\" \"@target-uri\")", Reason::signature_uncovered},
    };
    for (const Row& row : rows) {
        OwnedRequest request;
        request.set("X-Max-Amount", "a=1");
        request.set("Content-Type", "text/plain");
        sign_as(request, row.components);
        EXPECT_EQ(judge_wanted(request), row.reason) << row.components;
        EXPECT_EQ(judge(request), Reason::none) << row.components;
    }
}

TEST_F(SignatureWantedFields, MayBeAbsent) {
    OwnedRequest request;
    sign_as(request, kUsual);
    EXPECT_EQ(judge_wanted(request), Reason::none);
    request.set("X-MAX-AMOUNT", "1");
    EXPECT_EQ(judge_wanted(request), Reason::signature_uncovered);
    EXPECT_EQ(judge(request), Reason::none);
}

TEST_F(SignatureWantedFields, AreAskedForWhereTheyAre) {
    OwnedRequest request;
    std::string room;
    request.set("x-max-Amount", "1");
    EXPECT_EQ(accept_signature_field(request.view(), wanted_, room),
              "kwik=(\"@method\" \"@target-uri\" \"x-max-amount\");created;tag=\"kwik\"");
    request.set("content-type", "a/b");
    request.body = "x";
    EXPECT_EQ(accept_signature_field(request.view(), wanted_, room),
              "kwik=(\"@method\" \"@target-uri\" \"content-digest\" \"x-max-amount\" "
              "\"content-type\");created;tag=\"kwik\"");
}

TEST_F(SignatureCoverage, TakesBase64WithoutPadding) {
    OwnedRequest request;
    request.body = "body";
    std::string digest = content_digest_field("body");
    ASSERT_TRUE(digest.ends_with("=:"));
    digest.erase(digest.size() - 2, 1);
    request.set("Content-Digest", digest);
    sign_as(request, "(\"@method\" \"@target-uri\" \"content-digest\")");
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_TRUE(verified_.covers_digest);
    std::string signature = request.get("Signature");
    ASSERT_TRUE(signature.ends_with("=:"));
    signature.erase(signature.size() - 2, 1);
    request.set("Signature", signature);
    EXPECT_EQ(judge(request), Reason::none);
    signature[signature.size() / 2] ^= 1;
    request.set("Signature", signature);
    EXPECT_NE(judge(request), Reason::none);
}

}  // namespace
}  // namespace kwikgate::auth
