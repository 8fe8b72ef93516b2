#include "auth/public_key/form_scheme.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <map>

#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::auth {
namespace {

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kJson = "application/json; charset=utf-8";

std::string percent(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 ||
            std::string_view("-._~").find(c) != std::string_view::npos) {
            out += c;
        } else {
            char hex[4];
            std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned char>(c));
            out += hex;
        }
    }
    return out;
}

/// The signature of a form as its author would compute it, by other code than ours.
std::string signature_of(const std::map<std::string, std::string>& fields,
                         std::string_view secret) {
    std::string text;
    for (const auto& [name, value] : fields)
        text += (text.empty() ? "" : "&") + percent(name) + "=" + percent(value);
    unsigned char mac[32];
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
    std::string hex;
    for (const unsigned char byte : mac) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        hex += digits;
    }
    return hex;
}

class FormScheme : public SigningFixture {
  protected:
    static constexpr const char* kPublicKey = "kwk_live_pk_0000000000000000000001";

    FormScheme() : forms_(reader_, sealer_) {}

    Reason judge_form(std::string_view body, const char* type = kForm, std::string origin = {}) {
        OwnedRequest request;
        request.method = "POST";
        request.set("Content-Type", type);
        if (!origin.empty()) request.set("Origin", std::move(origin));
        principal_ = Principal{};
        return forms_.authenticate(request.view(), body, at_seconds(kNow), principal_, finding_)
            .reason;
    }
    std::string public_key_field() const { return std::string("public_key=") + kPublicKey; }

    FormAuthenticator forms_;
    FormFinding finding_;
};

TEST_F(FormScheme, IdentifiesTheTokenInBothKindsOfBody) {
    EXPECT_EQ(judge_form("type=CHOOSE_WHAT_TO_PAY&" + public_key_field()), Reason::none);
    EXPECT_EQ(principal_.id.view(), "tok_0000000000000000000001");
    EXPECT_EQ(principal_.scheme, Scheme::public_key);
    EXPECT_EQ(principal_.secret_generation, 0U);
    EXPECT_FALSE(finding_.is_signed);
    EXPECT_EQ(
        judge_form(R"({"item_amount":12.5,"public_key":"kwk_live_pk_0000000000000000000001"})",
                   kJson),
        Reason::none);
    EXPECT_EQ(judge_form("public%5Fkey=kwk%5Flive_pk_0000000000000000000001",
                         "Application/X-WWW-Form-Urlencoded ;charset=utf-8"),
              Reason::none);
}

TEST_F(FormScheme, RefusesWithItsReason) {
    struct Row {
        std::string body;
        const char* type;
        Reason reason;
    };
    const std::string key = public_key_field();
    const Row rows[] = {
        {key, "text/plain", Reason::content_type_unsupported},
        {key, "", Reason::content_type_unsupported},
        {key, "multipart/form-data; boundary=x", Reason::content_type_unsupported},
        {key, kJson, Reason::body_invalid},
        {"a=%4", kForm, Reason::body_invalid},
        {"{\"public_key\":{\"a\":1}}", kJson, Reason::body_invalid},
        {"", kForm, Reason::credential_missing},
        {"a=1", kForm, Reason::credential_missing},
        {"{}", kJson, Reason::credential_missing},
        {"publickey=1", kForm, Reason::credential_missing},
        {key + "&" + key, kForm, Reason::duplicate_field},
        {key + "&a=1&%61=2", kForm, Reason::duplicate_field},
        {"{\"a\":1,\"\\u0061\":2}", kJson, Reason::duplicate_field},
        {"public_key=", kForm, Reason::credential_malformed},
        {"public_key=a+b+c+d+e", kForm, Reason::credential_malformed},
        {"public_key=" + std::string(256, 'k'), kForm, Reason::credential_malformed},
        {"public_key=" + std::string(5000, 'k'), kForm, Reason::credential_malformed},
        {"{\"public_key\":null}", kJson, Reason::credential_malformed},
        {"public_key=kwk_live_pk_unknown", kForm, Reason::credential_invalid},
        {"public_key=" + std::string(kKey), kForm, Reason::credential_invalid},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(judge_form(row.body, row.type), row.reason) << row.body;
        EXPECT_FALSE(finding_.secret_exposed);
    }
}

TEST_F(FormScheme, FlagsASecretInThePlaceOfTheKey) {
    for (const char* body : {"public_key=kwk_live_sk_0123", "public_key=kwk%5ftest_sk_0123",
                             "public_key=kwk_test_sk_"}) {
        EXPECT_EQ(judge_form(body), Reason::credential_invalid) << body;
        EXPECT_TRUE(finding_.secret_exposed);
    }
    EXPECT_EQ(judge_form("public_key=kwk_live_pk_unknown"), Reason::credential_invalid);
    EXPECT_FALSE(finding_.secret_exposed) << "of the form before";
}

TEST_F(FormScheme, ChecksASignatureThatIsThere) {
    std::map<std::string, std::string> fields = {{"public_key", kPublicKey},
                                                 {"item_amount", "12.50"},
                                                 {"item_title", "Caf\xc3\xa9 & more ~*'()"},
                                                 {"Z", "upper case sorts first"},
                                                 {"a b", ""}};
    const std::string signature = signature_of(fields, kSecret);
    const auto body_with = [&](const std::string& value) {
        std::string body = "signature=" + value;
        for (const auto& [name, text] : fields) body += "&" + percent(name) + "=" + percent(text);
        return body;
    };
    EXPECT_EQ(judge_form(body_with(signature)), Reason::none);
    EXPECT_TRUE(finding_.is_signed);
    EXPECT_EQ(principal_.secret_generation, 1U);
    std::string upper = signature;
    for (char& c : upper) c = c >= 'a' ? static_cast<char>(c - 32) : c;
    EXPECT_EQ(judge_form(body_with(upper)), Reason::none);
    for (const std::string& wrong :
         {std::string(), signature.substr(1), signature + "0", std::string(64, '0'),
          std::string(64, 'g'), std::string(300, '0')}) {
        EXPECT_EQ(judge_form(body_with(wrong)), Reason::credential_invalid) << wrong;
        EXPECT_FALSE(finding_.is_signed);
    }
    for (std::size_t bit = 0; bit < 256; ++bit) {
        std::string flipped = signature;
        const int digit = std::stoi(flipped.substr(bit / 4, 1), nullptr, 16) ^ (1 << (bit % 4));
        flipped[bit / 4] = "0123456789abcdef"[digit];
        ASSERT_EQ(judge_form(body_with(flipped)), Reason::credential_invalid);
    }
    for (auto& [name, text] : fields) {
        if (name == "public_key") continue;
        const std::string old = text;
        text += "1";
        EXPECT_EQ(judge_form(body_with(signature)), Reason::credential_invalid) << name;
        text = old;
    }
    EXPECT_EQ(judge_form(body_with(signature) + "&added=1"), Reason::credential_invalid);
    fields.erase("Z");
    EXPECT_EQ(judge_form(body_with(signature)), Reason::credential_invalid);
}

TEST_F(FormScheme, SignsTheSameOverJsonAndUrlencoded) {
    const std::map<std::string, std::string> fields = {
        {"public_key", kPublicKey}, {"amount", "12.5"}, {"open", "true"}, {"note", "\xc3\xbc\n"}};
    const std::string json = R"({"note":"\u00fc\n","open":true,"amount":12.5,"public_key":")" +
                             std::string(kPublicKey) + R"(","signature":")" +
                             signature_of(fields, kSecret) + "\"}";
    EXPECT_EQ(judge_form(json, kJson), Reason::none);
    EXPECT_TRUE(finding_.is_signed);
}

TEST_F(FormScheme, DoesTheSameForAnUnknownKeyAsForAWrongSignature) {
    const std::string wrong = "&signature=" + std::string(64, '1');
    EXPECT_EQ(judge_form("public_key=kwk_live_pk_unknown" + wrong), Reason::credential_invalid);
    EXPECT_EQ(judge_form(public_key_field() + wrong), Reason::credential_invalid);
}

TEST_F(FormScheme, InsistsOnASignatureWhereTheTokenDoes) {
    const store::TokenRecord record =
        add_token("strict-key", kSecret,
                  [](store::TokenRecord& token) { token.require_form_signature = true; });
    EXPECT_EQ(judge_form("public_key=" + record.public_key), Reason::signature_uncovered);
    const std::string signature = signature_of({{"public_key", record.public_key}}, kSecret);
    EXPECT_EQ(judge_form("public_key=" + record.public_key + "&signature=" + signature),
              Reason::none);
}

TEST_F(FormScheme, AcceptsTheOldSecretWhileARotationOverlaps) {
    store::TokenRecord record = add_token("rotating-key", "old-secret");
    rotate(record, "new-secret", at_seconds(kNow + 1));
    const auto body = [&](std::string_view secret) {
        return "public_key=" + record.public_key +
               "&signature=" + signature_of({{"public_key", record.public_key}}, secret);
    };
    EXPECT_EQ(judge_form(body("old-secret")), Reason::none);
    EXPECT_EQ(principal_.secret_generation, 1U);
    EXPECT_EQ(judge_form(body("new-secret")), Reason::none);
    EXPECT_EQ(principal_.secret_generation, 2U);
    record.previous_secret->valid_until = at_seconds(kNow);
    update(record);
    EXPECT_EQ(judge_form(body("old-secret")), Reason::credential_invalid);
}

TEST_F(FormScheme, LeavesTheOriginToTheAuthorizer) {
    const store::TokenRecord record = add_token("shop-key", kSecret, [](store::TokenRecord& token) {
        token.allowed_origins = {"https://shop.example"};
    });
    struct Row {
        const char* origin;
        bool is_allowed;
    };
    for (const Row& row :
         {Row{"https://shop.example", true}, Row{"https://shop.example.evil", false},
          Row{"http://shop.example", false}, Row{"null", false}, Row{"", false}}) {
        EXPECT_EQ(judge_form("public_key=" + record.public_key, kForm, row.origin), Reason::none);
        EXPECT_EQ(principal_.origin_allowed, row.is_allowed) << row.origin;
    }
}

}  // namespace
}  // namespace kwikgate::auth
