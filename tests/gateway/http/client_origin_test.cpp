#include "gateway/http/client_origin.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "auth/ip_rules.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::FieldName;
using Lines = std::vector<std::pair<FieldName, std::string_view>>;

constexpr FieldName kFor = FieldName::x_forwarded_for;
constexpr FieldName kProto = FieldName::x_forwarded_proto;
constexpr FieldName kHost = FieldName::x_forwarded_host;

struct Request {
    explicit Request(const Lines& lines) {
        for (const auto& [name, value] : lines) fields.push_back({"", value, name});
        view.fields = fields;
    }
    std::vector<auth::FieldLine> fields;
    auth::RequestView view;
};

ClientOrigin origin_of(const Lines& lines, std::string_view peer = "10.0.0.1",
                       std::string_view trusted = "10.0.0.0/8") {
    const Request request(lines);
    return find_client_origin(request.view, *auth::parse_ip(peer), "http",
                              {*auth::parse_ip_range(trusted)});
}

std::string client_of(const Lines& lines) {
    return auth::to_text(origin_of(lines).address);
}

TEST(ClientOrigin, ReadsTheSpellingsOfAHop) {
    const struct {
        std::string_view chain, client;
    } cases[] = {
        {"203.0.113.7", "203.0.113.7"},
        {"203.0.113.7:51008", "203.0.113.7"},
        {"198.51.100.1, 203.0.113.7:51008", "203.0.113.7"},
        {"203.0.113.7:51008, 10.0.0.2:443", "203.0.113.7"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[2001:db8::1]:51008,10.0.0.2", "2001:db8::1"},
        {"\"[2001:db8::1]:51008\"", "2001:db8::1"},
        {"for=\"[2001:db8::1]\"", "2001:db8::1"},
        {"::ffff:203.0.113.7", "203.0.113.7"},
        {"[::ffff:203.0.113.7]:1, ::ffff:10.0.0.2", "203.0.113.7"},
        {"10.0.0.3:1", "10.0.0.3"},
        {"", "10.0.0.1"},
        {",, ,", "10.0.0.1"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(client_of({{kFor, c.chain}}), c.client) << c.chain;
        EXPECT_TRUE(origin_of({{kFor, c.chain}}).keeps_chain) << c.chain;
    }
}

TEST(ClientOrigin, KnowsNobodyWhereAProxyNamesNoAddress) {
    for (const std::string_view chain :
         {"unknown", "_hidden", "for=_hidden", "203.0.113.7, unknown", "unknown, 10.0.0.2",
          "203.0.113.7:http", "203.0.113.300", "::", "0.0.0.0", "a.test", "203.0.113.7, ::"}) {
        const ClientOrigin origin = origin_of({{kFor, chain}});
        EXPECT_EQ(origin.address, auth::IpAddress{}) << chain;
        EXPECT_FALSE(origin.keeps_chain) << chain;
        EXPECT_TRUE(origin.is_proxied) << chain;
    }
    // Of a client that is not known no list can say that it is trusted.
    const ClientOrigin nobody = origin_of({{kFor, "203.0.113.7"}}, "::", "::/0");
    EXPECT_FALSE(nobody.is_proxied);
    EXPECT_EQ(nobody.address, auth::IpAddress{});
    EXPECT_FALSE(is_trusted({}, {*auth::parse_ip_range("::/0")}));
}

TEST(ClientOrigin, TakesTheNearestProxysWordForTheScheme) {
    const struct {
        Lines lines;
        std::string_view scheme;
        OriginSource source;
    } cases[] = {
        {{}, "http", OriginSource::connection},
        {{{kProto, "https"}}, "https", OriginSource::forwarded},
        {{{kProto, "HTTPS"}}, "https", OriginSource::forwarded},
        {{{kProto, "Http"}}, "http", OriginSource::forwarded},
        {{{kProto, "http, https"}}, "https", OriginSource::forwarded},
        {{{kProto, "https,http"}}, "http", OriginSource::forwarded},
        {{{kProto, "https ,"}}, "https", OriginSource::forwarded},
        {{{kProto, "http"}, {kProto, "https"}}, "https", OriginSource::forwarded},
        {{{kProto, "https"}, {kProto, "http"}}, "http", OriginSource::forwarded},
        {{{kProto, "https"}, {kProto, ""}}, "https", OriginSource::forwarded},
        {{{kProto, "https, wss"}}, "http", OriginSource::connection},
        {{{kProto, "gopher"}}, "http", OriginSource::connection},
        {{{kProto, ""}}, "http", OriginSource::connection},
        {{{kProto, ","}}, "http", OriginSource::connection},
        {{{kProto, "\"https\""}}, "http", OriginSource::connection},
    };
    for (const auto& c : cases) {
        const ClientOrigin origin = origin_of(c.lines);
        const std::string_view first = c.lines.empty() ? "" : c.lines.front().second;
        EXPECT_EQ(origin.scheme, c.scheme) << first;
        EXPECT_EQ(origin.scheme_source, c.source) << first;
    }
}

TEST(ClientOrigin, BelievesNobodyElse) {
    const ClientOrigin origin = origin_of(
        {{kFor, "198.51.100.1"}, {kProto, "https"}, {kHost, "evil.example"}}, "203.0.113.7");
    EXPECT_EQ(auth::to_text(origin.address), "203.0.113.7");
    EXPECT_EQ(origin.scheme, "http");
    EXPECT_EQ(origin.scheme_source, OriginSource::connection);
    EXPECT_EQ(origin.forwarded_host, "");
    EXPECT_FALSE(origin.is_proxied);
}

TEST(ClientOrigin, TakesTheNearestProxysWordForTheHost) {
    const struct {
        Lines lines;
        std::string_view authority;
    } cases[] = {
        {{}, ""},
        {{{kHost, "a.test"}}, "a.test"},
        {{{kHost, "evil.test, a.test:443"}}, "a.test:443"},
        {{{kHost, "evil.test"}, {kHost, "a.test"}}, "a.test"},
        {{{kHost, "a.test,"}, {kHost, " , "}}, "a.test"},
    };
    for (const auto& c : cases) {
        const Request request(c.lines);
        EXPECT_EQ(forwarded_authority(request.view), c.authority);
    }
}

TEST(ClientOrigin, ServesTheHostsOfItsListHoweverTheyAreWritten) {
    const std::vector<std::string> accepted = {"api.example.com", "b.example.com:8443",
                                               "c.example.com.:443", "[2001:db8::1]"};
    const struct {
        std::string_view authority, scheme;
        bool is_served;
    } cases[] = {
        {"api.example.com", "https", true},
        {"API.example.COM", "http", true},
        {"api.example.com:443", "https", true},
        {"api.example.com:80", "http", true},
        {"api.example.com:", "http", true},
        {"api.example.com.", "https", true},
        {"api.example.com.:443", "https", true},
        {"api.example.com:443", "http", false},
        {"api.example.com:8443", "https", false},
        {"b.example.com:8443", "http", true},
        {"b.example.com", "https", false},
        {"c.example.com", "https", true},
        {"c.example.com", "http", false},
        {"[2001:DB8:0::1]:443", "https", true},
        {"[2001:db8::2]", "https", false},
        {"evil-api.example.com", "https", false},
        {"api.example.com.evil.test", "https", false},
        {"", "https", false},
    };
    for (const auto& c : cases)
        EXPECT_EQ(accepts_authority(c.authority, c.scheme, accepted), c.is_served)
            << c.authority << " " << c.scheme;
    EXPECT_TRUE(accepts_authority("anything", "http", {}));
}

}  // namespace
}  // namespace kwikgate::gateway::http
