#include "auth/signature/signature_base.hpp"

#include <array>

#include "auth/base64.hpp"
#include "auth/secret.hpp"
#include "auth/signature/signer.hpp"
#include "tests/auth/signature/base_building.hpp"

namespace kwikgate::auth {
namespace {

/// The request of RFC 9421, appendix B.2.
OwnedRequest rfc_request() {
    OwnedRequest request;
    request.method = "POST";
    request.target = "/foo?param=Value&Pet=dog";
    request.authority = "example.com";
    request.body = "{\"hello\": \"world\"}";
    request.fields = {
        {"Host", "example.com"},
        {"Date", "Tue, 20 Apr 2021 02:07:55 GMT"},
        {"Content-Type", "application/json"},
        {"Content-Digest",
         "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHW"
         "XvJwew==:"},
        {"Content-Length", "18"},
    };
    return request;
}

constexpr std::string_view kRfcDigestLine =
    "\"content-digest\": "
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNye"
    "aldVLvRwEmTHWXvJwew==:\n";

TEST(SignatureBase, IsThatOfTheRfcForEachRequestOfAppendixB2) {
    struct Vector {
        std::string params;
        std::string lines;
    };
    const Vector vectors[] = {
        {"();created=1618884473;keyid=\"test-key-rsa-pss\";nonce=\"b3k2pp5k7z-50gnwp.yemd\"", ""},
        {"(\"@authority\" \"content-digest\" \"@query-param\";name=\"Pet\");created=1618884473;"
         "keyid=\"test-key-rsa-pss\";tag=\"header-example\"",
         "\"@authority\": example.com\n" + std::string(kRfcDigestLine) +
             "\"@query-param\";name=\"Pet\": dog\n"},
        {"(\"date\" \"@method\" \"@path\" \"@query\" \"@authority\" \"content-type\" "
         "\"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-rsa-pss\"",
         "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n"
         "\"@query\": ?param=Value&Pet=dog\n\"@authority\": example.com\n"
         "\"content-type\": application/json\n" +
             std::string(kRfcDigestLine) + "\"content-length\": 18\n"},
        {"(\"date\" \"@authority\" "
         "\"content-type\");created=1618884473;keyid=\"test-shared-secret\"",
         "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@authority\": example.com\n"
         "\"content-type\": application/json\n"},
        {"(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");"
         "created=1618884473;keyid=\"test-key-ed25519\"",
         "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n"
         "\"@authority\": example.com\n\"content-type\": application/json\n"
         "\"content-length\": 18\n"},
    };
    for (const Vector& vector : vectors) {
        OwnedRequest request = rfc_request();
        const Built built = build(request, "sig=" + vector.params);
        EXPECT_EQ(built.base, vector.lines + "\"@signature-params\": " + vector.params);
    }
}

TEST(SignatureBase, WithItsHmacIsTheSignatureOfB25) {
    std::array<std::uint8_t, 64> secret;
    ASSERT_EQ(
        decode_base64("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8"
                      "jsasjlTMtDQ==",
                      secret),
        64U);
    const HmacKey key =
        derive_hmac_key({reinterpret_cast<const char*>(secret.data()), secret.size()});
    OwnedRequest request = rfc_request();
    const auto fields =
        sign_components(request.view(), "sig-b25", "(\"date\" \"@authority\" \"content-type\")",
                        ";created=1618884473;keyid=\"test-shared-secret\"", key);
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->signature, "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:");
    EXPECT_EQ(fields->signature_input,
              "sig-b25=(\"date\" \"@authority\" \"content-type\");created=1618884473;"
              "keyid=\"test-shared-secret\"");
}

TEST(SignatureBase, TakesEveryDerivedComponentFromTheRequest) {
    struct Row {
        std::string target, authority, scheme, component, value;
    };
    const Row rows[] = {
        {"/path?param=value", "www.example.com", "https", "\"@method\"", "GET"},
        {"/path?param=value", "www.example.com", "https", "\"@target-uri\"",
         "https://www.example.com/path?param=value"},
        {"/path?", "www.example.com", "https", "\"@target-uri\"", "https://www.example.com/path?"},
        {"/", "WWW.Example.COM:443", "HTTPS", "\"@target-uri\"", "https://www.example.com/"},
        {"/", "WWW.Example.COM:443", "https", "\"@authority\"", "www.example.com"},
        {"/", "example.com:80", "http", "\"@authority\"", "example.com"},
        {"/", "example.com:80", "https", "\"@authority\"", "example.com:80"},
        {"/", "example.com:443", "http", "\"@authority\"", "example.com:443"},
        {"/", "example.com:8443", "https", "\"@authority\"", "example.com:8443"},
        {"/", "example.com:", "https", "\"@authority\"", "example.com"},
        {"/", "[2001:DB8::1]", "https", "\"@authority\"", "[2001:db8::1]"},
        {"/", "[2001:db8::1]:443", "https", "\"@authority\"", "[2001:db8::1]"},
        {"/", "[2001:db8::1]:444", "https", "\"@authority\"", "[2001:db8::1]:444"},
        {"/", "example.com", "HTTP", "\"@scheme\"", "http"},
        {"/path?param=value", "www.example.com", "https", "\"@request-target\"",
         "/path?param=value"},
        {"/path?param=value", "www.example.com", "https", "\"@path\"", "/path"},
        {"/a%2Fb", "www.example.com", "https", "\"@path\"", "/a%2Fb"},
        {"?x", "www.example.com", "https", "\"@path\"", "/"},
        {"/path?param=value&foo=bar&baz=bat%2Dman", "www.example.com", "https", "\"@query\"",
         "?param=value&foo=bar&baz=bat%2Dman"},
        {"/path?queryString", "www.example.com", "https", "\"@query\"", "?queryString"},
        {"/path", "www.example.com", "https", "\"@query\"", "?"},
        {"/path?", "www.example.com", "https", "\"@query\"", "?"},
    };
    for (const Row& row : rows) {
        OwnedRequest request;
        request.target = row.target;
        request.authority = row.authority;
        request.scheme = row.scheme;
        EXPECT_EQ(value_of(request, row.component), row.value) << row.target << row.authority;
    }
}

TEST(SignatureBase, CombinesAndTransformsFieldsAsTheRfcDoes) {
    OwnedRequest request = request_with({
        {"X-OWS-Header", "Leading and trailing whitespace."},
        {"Cache-Control", "max-age=60"},
        {"Example-Dict", "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"},
        {"cache-control", "must-revalidate"},
        {"X-Empty", ""},
        {"Example-Header", "value, with, lots"},
        {"Example-Header", "of, commas"},
        {"Example-List", "1,2"},
        {"Example-List", "3;q=1.50"},
        {"X-Latin", "caf\xe9"},
    });
    struct Row {
        std::string component, value;
    };
    const Row rows[] = {
        {"\"x-ows-header\"", "Leading and trailing whitespace."},
        {"\"cache-control\"", "max-age=60, must-revalidate"},
        {"\"x-empty\"", ""},
        {"\"example-dict\"", "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"},
        {"\"example-dict\";sf", "a=1, b=2;x=1;y=2, c=(a b c), d"},
        {"\"example-dict\";key=\"a\"", "1"},
        {"\"example-dict\";key=\"d\"", "?1"},
        {"\"example-dict\";key=\"b\"", "2;x=1;y=2"},
        {"\"example-dict\";key=\"c\"", "(a b c)"},
        {"\"example-dict\";key=\"e\"", "(none)"},
        {"\"example-list\";sf", "1, 2, 3;q=1.5"},
        {"\"example-header\"", "value, with, lots, of, commas"},
        {"\"example-header\";bs", ":dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:"},
        {"\"x-latin\"", "caf\xe9"},
        {"\"x-latin\";bs", ":Y2Fm6Q==:"},
        {"\"x-absent\"", "(none)"},
        {"\"x-absent\";bs", "(none)"},
        {"\"cache-control\";sf", "(none)"},  // Not registered as structured.
        {"\"example-header\";key=\"a\"", "(none)"},
    };
    for (const Row& row : rows)
        EXPECT_EQ(value_of(request, row.component), row.value) << row.component;
}

TEST(SignatureBase, TellsTwoLinesFromOneOnlyWithBinaryWrapping) {
    OwnedRequest two = request_with({{"Example-Header", "a"}, {"Example-Header", "b"}});
    OwnedRequest one = request_with({{"Example-Header", "a, b"}});
    EXPECT_EQ(value_of(two, "\"example-header\""), value_of(one, "\"example-header\""));
    EXPECT_NE(value_of(two, "\"example-header\";bs"), value_of(one, "\"example-header\";bs"));
}

TEST(SignatureBase, RefusesAValueThatCouldLookLikeALine) {
    for (const char c : {'\n', '\r', '\0', '\x01', '\x7f'}) {
        OwnedRequest request = request_with({{"X-A", std::string("a") + c + "\"@method\": POST"}});
        EXPECT_EQ(build(request, "sig=(\"x-a\")").fault, BaseFault::not_text);
        EXPECT_EQ(build(request, "sig=(\"x-a\";bs)").fault, BaseFault::none);
        OwnedRequest other;
        other.method = std::string("GE") + c;
        other.target = std::string("/") + c;
        other.authority = std::string("a") + c;
        for (const char* component :
             {"@method", "@path", "@authority", "@request-target", "@target-uri"})
            EXPECT_EQ(build(other, std::string("sig=(\"") + component + "\")").fault,
                      BaseFault::not_text);
    }
}

TEST(SignatureBase, SpellsParametersCanonically) {
    OwnedRequest request = request_with({{"X-A", "1"}});
    const Built built =
        build(request, "sig=(  \"x-a\" ;bs=?1  \"@method\"  );  created=007;  keyid=\"k\\\"\"");
    EXPECT_FALSE(built.is_read) << "a space may not stand before a semicolon";
    EXPECT_EQ(
        build(request, "sig=(  \"x-a\"; bs=?1  \"@method\"  ); created=007;  keyid=\"k\\\"\"").base,
        "\"x-a\";bs: :MQ==:\n\"@method\": GET\n"
        "\"@signature-params\": (\"x-a\";bs \"@method\");created=7;keyid=\"k\\\"\"");
}

TEST(SignatureBase, IsBounded) {
    OwnedRequest request = request_with({{"x-long", std::string(16384, 'a')}});
    EXPECT_EQ(build(request, "sig=(\"x-long\")").fault, BaseFault::too_long);
    std::string components = "sig=(";
    for (std::size_t i = 0; i < kMaxComponents + 1; ++i)
        components += "\"x" + std::to_string(i) + "\" ";
    EXPECT_FALSE(build(request, components + ")").is_read);
    std::string parameters = "sig=(\"@method\")";
    for (std::size_t i = 0; i < kMaxSignatureParameters + 1; ++i)
        parameters += ";p" + std::to_string(i);
    EXPECT_FALSE(build(request, parameters).is_read);
}

std::vector<std::pair<std::string, std::string>> lines_of(const std::string& name,
                                                          std::size_t count) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (std::size_t i = 0; i < count; ++i) lines.emplace_back(name, "a" + std::to_string(i));
    return lines;
}

TEST(SignatureBase, HoldsEveryLineOfAFieldOrNone) {
    OwnedRequest many = request_with(lines_of("Example-Dict", 33));
    std::string value = "a0";
    for (int i = 1; i < 33; ++i) value += ", a" + std::to_string(i);
    EXPECT_EQ(value_of(many, "\"example-dict\""), value);
    // What has to be gathered first has room for 32.
    for (const char* parameter : {";bs", ";sf", ";key=\"a0\"", ";key=\"a32\""}) {
        const std::string input = std::string("sig=(\"example-dict\"") + parameter + ")";
        EXPECT_EQ(build(many, input).fault, BaseFault::too_long) << parameter;
        OwnedRequest most = request_with(lines_of("Example-Dict", 32));
        EXPECT_NE(build(most, input).fault, BaseFault::too_long) << parameter;
    }
    EXPECT_TRUE(build(many, "sig=(\"example-dict\")").base.find(", a32\n") != std::string::npos);
}

TEST(SignatureBase, TakesTheLastOfTwoEqualMembersAndParameters) {
    OwnedRequest one = request_with({{"Example-Dict", "a=1, b=2, a=3;x=1;y=2;x=3, b"}});
    EXPECT_EQ(value_of(one, "\"example-dict\";key=\"a\""), "3;x=3;y=2");
    EXPECT_EQ(value_of(one, "\"example-dict\";key=\"b\""), "?1");
    EXPECT_EQ(value_of(one, "\"example-dict\";sf"), "a=3;x=3;y=2, b");
    OwnedRequest two = request_with({{"Example-Dict", "a=1, b"}, {"Example-Dict", "b=2, a=3"}});
    EXPECT_EQ(value_of(two, "\"example-dict\";key=\"a\""), "3");
    EXPECT_EQ(value_of(two, "\"example-dict\";key=\"b\""), "2");
    EXPECT_EQ(value_of(two, "\"example-dict\";sf"), "a=3, b=2");
}

TEST(SignatureBase, RefusesAnEmptyLineAmongSeveralOfAStructuredField) {
    for (const char* name : {"Example-Dict", "Example-List"}) {
        const std::string component =
            "\"" +
            std::string(name == std::string("Example-Dict") ? "example-dict" : "example-list") +
            "\";sf";
        OwnedRequest alone = request_with({{name, ""}});
        EXPECT_EQ(value_of(alone, component), "") << name;
        for (const auto& lines : std::vector<std::vector<std::string>>{
                 {"", "a"}, {"a", ""}, {"a", " ", "b"}, {"", ""}}) {
            OwnedRequest several;
            for (const std::string& line : lines) several.fields.emplace_back(name, line);
            EXPECT_EQ(value_of(several, component), "(none)") << name;
        }
    }
}

TEST(SignatureBase, WritesByteSequencesWithTheirPadding) {
    OwnedRequest request =
        request_with({{"Example-Dict", "a=:Zg:, b=:Zm8:, c=:Zm9v:, d=:Zm9vYg==:, e=::, f;x=:Zg:"}});
    EXPECT_EQ(value_of(request, "\"example-dict\";sf"),
              "a=:Zg==:, b=:Zm8=:, c=:Zm9v:, d=:Zm9vYg==:, e=::, f;x=:Zg==:");
}

/// Components that each go through the whole of a field or the query.
std::string repeated(const std::string& component, const std::string& parameter,
                     std::size_t count) {
    std::string input = "sig=(";
    for (std::size_t i = 0; i < count; ++i)
        input += "\"" + component + "\";" + parameter + "=\"m" + std::to_string(i) + "\" ";
    return input + ")";
}

TEST(SignatureBase, BoundsTheWorkOfComponentsThatGoThroughTheSameBytes) {
    std::string members;
    std::string query;
    for (int i = 0; i < 32; ++i) {
        members += (i == 0 ? "m" : ", m") + std::to_string(i) + "=1";
        query += (i == 0 ? "?m" : "&m") + std::to_string(i) + "=1";
    }
    const std::string pad(2000, 'p');
    OwnedRequest request = request_with({{"Example-Dict", members + ", " + pad}});
    request.target = "/a" + query + "&" + pad;
    for (const auto& [component, parameter] :
         {std::pair{"example-dict", "key"}, std::pair{"@query-param", "name"}}) {
        EXPECT_EQ(build(request, repeated(component, parameter, 12)).fault, BaseFault::none);
        EXPECT_EQ(build(request, repeated(component, parameter, 32)).fault, BaseFault::too_long);
    }
    // A name that is long is looked at as often.
    const std::string name(2000, 'n');
    OwnedRequest named = request_with({{name, members}});
    EXPECT_EQ(build(named, repeated(name, "key", 4)).fault, BaseFault::none);
    EXPECT_EQ(build(named, repeated(name, "key", 7)).fault, BaseFault::too_long);
}

TEST(SignatureBase, TellsNamesOfOneHashLengthApart) {
    OwnedRequest request;
    for (int i = 0; i < 100; ++i)
        request.fields.emplace_back("X-Field-" + std::to_string(i % 10) + std::to_string(i / 10),
                                    std::to_string(i));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(value_of(request,
                           "\"x-field-" + std::to_string(i % 10) + std::to_string(i / 10) + "\""),
                  std::to_string(i));
}

}  // namespace
}  // namespace kwikgate::auth
