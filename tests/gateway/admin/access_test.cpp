#include "gateway/admin/access.hpp"

#include <gtest/gtest.h>

#include "auth/admin_key.hpp"
#include "auth/ip_rules.hpp"
#include "auth/login_ticket.hpp"
#include "gateway/admin/api.hpp"
#include "tests/auth/token_fixture.hpp"

namespace kwikgate::gateway::admin {
namespace {

class AccessTest : public auth::TokenFixture {
  protected:
    AccessTest()
        : issued_(*auth::create_admin_key(store_, "Ann", "admin", "cli:tester",
                                          [this] { return now_; })),
          reader_(*store_.reader()),
          access_(config_, key_, now_) {}

    /// As a browser makes it from a page of the console.
    static AdminRequest own_page(std::string method) {
        AdminRequest request;
        request.method = std::move(method);
        request.host = "localhost:9180";
        request.origin = "http://localhost:9180";
        request.fetch_site = "same-origin";
        request.peer = *auth::parse_ip("127.0.0.1");
        return request;
    }
    /// The status and code of a refusal; "200" with the name of who was let in.
    template <class Found>
    static std::string outcome(const Found& found) {
        if (const auto* caller = std::get_if<Caller>(&found)) return "200 " + caller->name;
        const auto& refused = std::get<AdminResponse>(found);
        const std::size_t at = refused.body.find("\"code\":\"") + 8;
        return std::to_string(refused.status) + " " +
               refused.body.substr(at, refused.body.find('"', at) - at);
    }
    std::string identify(const AdminRequest& request) {
        return outcome(access_.identify(request, reader_, now_));
    }
    std::string log_in(const AdminRequest& request, Access::NewSession& opened) {
        Login login;
        login.key = auth::SecretString(std::string(issued_.key.expose()));
        return outcome(access_.log_in(request, login, reader_, now_, opened));
    }
    /// What a page with this session sends with each call.
    void open_session() {
        Access::NewSession opened;
        ASSERT_EQ(log_in(own_page("POST"), opened), "200 Ann");
        cookie_ = opened.set_cookie.substr(0, opened.set_cookie.find(';'));
        page_key_ = opened.page_key.expose();
    }
    AdminRequest with_session(std::string method) {
        AdminRequest request = own_page(std::move(method));
        request.cookie = cookie_;
        request.page_key = page_key_;
        return request;
    }

    auth::IssuedAdminKey issued_;
    store::Reader reader_;
    AdminConfig config_;
    Access access_;
    std::string cookie_, page_key_;
};

TEST_F(AccessTest, ASessionNeedsBothItsHalves) {
    open_session();
    EXPECT_EQ(identify(with_session("GET")), "200 Ann");
    for (const char* method : {"GET", "HEAD", "POST", "PATCH", "DELETE"}) {
        AdminRequest request = with_session(method);
        request.page_key.clear();
        EXPECT_EQ(identify(request), "401 page_key_missing") << method;
        for (const std::string& wrong : {std::string("x"), page_key_ + "x", cookie_.substr(17)}) {
            request.page_key = wrong;
            EXPECT_EQ(identify(request), "401 session_ended") << method;
        }
        request.cookie.clear();
        request.page_key = page_key_;
        EXPECT_EQ(identify(request), "401 key_missing") << method;
    }
    EXPECT_EQ(identify(with_session("GET")), "200 Ann");
}

TEST_F(AccessTest, AHalfOfAnotherSessionIsWrong) {
    open_session();
    const std::string first = cookie_;
    open_session();
    AdminRequest mixed = with_session("GET");
    mixed.cookie = first;
    EXPECT_EQ(identify(mixed), "401 session_ended");
}

TEST_F(AccessTest, TwoCookiesAreNone) {
    open_session();
    AdminRequest request = with_session("GET");
    request.cookie = cookie_ + "; " + cookie_;
    EXPECT_EQ(identify(request), "401 key_missing");
    request.cookie = "kwikgate_session=x; " + cookie_;
    EXPECT_EQ(identify(request), "401 key_missing");
    request.cookie = "other=1; " + cookie_ + "; more=2";
    EXPECT_EQ(identify(request), "200 Ann");
}

TEST_F(AccessTest, EveryChangeComesFromAPageOfTheConsole) {
    open_session();
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
        EXPECT_EQ(identify(with_session(method)), "200 Ann") << method;
        for (const char* origin : {"", "null", "http://evil.example", "https://localhost:9180",
                                   "http://localhost:9181", "http://localhost"}) {
            AdminRequest request = with_session(method);
            request.origin = origin;
            EXPECT_EQ(identify(request), "403 cross_site_refused") << method << origin;
        }
        for (const char* site : {"cross-site", "same-site", "none"}) {
            AdminRequest request = with_session(method);
            request.fetch_site = site;
            EXPECT_EQ(identify(request), "403 cross_site_refused") << method << site;
        }
        AdminRequest old_browser = with_session(method);
        old_browser.fetch_site.clear();
        EXPECT_EQ(identify(old_browser), "200 Ann") << method;
    }
    for (const char* method : {"GET", "HEAD"}) {
        AdminRequest typed = with_session(method);
        typed.origin.clear();
        EXPECT_EQ(identify(typed), "200 Ann") << method;
    }
}

TEST_F(AccessTest, AnotherPageLogsNobodyIn) {
    for (const auto& [origin, site] :
         {std::pair{"http://evil.example", "cross-site"}, std::pair{"null", "cross-site"},
          std::pair{"http://localhost:9181", "same-site"},
          std::pair{"http://localhost:9180", "cross-site"}}) {
        AdminRequest request = own_page("POST");
        request.origin = origin;
        request.fetch_site = site;
        Access::NewSession opened;
        EXPECT_EQ(log_in(request, opened), "403 cross_site_refused") << origin << site;
        EXPECT_TRUE(opened.set_cookie.empty() && opened.page_key.empty());
    }
    AdminRequest program = own_page("POST");
    program.origin.clear();
    program.fetch_site.clear();
    Access::NewSession opened;
    EXPECT_EQ(log_in(program, opened), "200 Ann");
}

TEST_F(AccessTest, TheCookieIsForThisListenerAlone) {
    Access::NewSession plain, secure;
    log_in(own_page("POST"), plain);
    EXPECT_TRUE(plain.set_cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"));
    AdminRequest request = own_page("POST");
    request.is_tls = true;
    request.origin = "https://localhost:9180";
    log_in(request, secure);
    EXPECT_TRUE(secure.set_cookie.ends_with("; SameSite=Strict; Secure"));
    EXPECT_EQ(plain.set_cookie.find(std::string(plain.page_key.expose())), std::string::npos);
}

TEST_F(AccessTest, LoggingOutTakesBothHalves) {
    open_session();
    AdminRequest half = with_session("DELETE");
    half.page_key.clear();
    EXPECT_NE(access_.log_out(half).find("Max-Age=0"), std::string::npos);
    EXPECT_EQ(identify(with_session("GET")), "200 Ann") << "half a session ended it";
    access_.log_out(with_session("DELETE"));
    EXPECT_EQ(identify(with_session("GET")), "401 session_ended");
}

TEST_F(AccessTest, AKeyThatIsDeletedEndsItsSessions) {
    open_session();
    ASSERT_TRUE(
        auth::erase_admin_key(store_, issued_.record.id, "cli:tester", [this] { return now_; }));
    EXPECT_EQ(identify(with_session("GET")), "401 session_ended");
}

TEST_F(AccessTest, ABearerNeedsNoPage) {
    AdminRequest request;
    request.method = "DELETE";
    request.authorization = "Bearer " + std::string(issued_.key.expose());
    EXPECT_EQ(identify(request), "200 Ann");
    request.authorization += "x";
    EXPECT_EQ(identify(request), "401 key_invalid");
}

TEST_F(AccessTest, MetricsAreOpenToThisMachineOnlyAndOnlyWhereTheConfigurationSaysSo) {
    const Operation metrics{"GET", "/metrics", Role::viewer};
    const Operation tokens{"GET", "/api/v1/tokens", Role::viewer};
    AdminRequest local, remote;
    local.is_local_peer = true;
    local.host = remote.host = "127.0.0.1:9180";
    config_.open_metrics = true;
    EXPECT_TRUE(is_open(metrics, config_, local));
    EXPECT_FALSE(is_open(metrics, config_, remote));
    EXPECT_FALSE(is_open(tokens, config_, local));
    AdminRequest proxied = local;
    proxied.is_forwarded = true;
    EXPECT_FALSE(is_open(metrics, config_, proxied));
    proxied = local;
    proxied.host = "metrics.example.com";
    EXPECT_FALSE(is_open(metrics, config_, proxied));
    config_.open_metrics = false;
    EXPECT_FALSE(is_open(metrics, config_, local));
    EXPECT_TRUE(is_open({"GET", "/healthz", Role::nobody}, config_, remote));
}

}  // namespace
}  // namespace kwikgate::gateway::admin
