#include "gateway/net/listener_settings.hpp"

#include <gtest/gtest.h>

#include "auth/ip_rules.hpp"

namespace kwikgate::gateway::net {
namespace {

ListenerConfig tls_listener() {
    ListenerConfig config;
    config.tls.certificates = {"site.pem"};
    return config;
}

TEST(BeginsAlike, WhatEachRequestLooksUpChangesNothing) {
    const ListenerConfig before = tls_listener();
    ListenerConfig after = before;
    after.name = "other";
    after.scheme = "https";
    after.authorities = {"api.test"};
    after.trusted_proxies = {*auth::parse_ip_range("10.0.0.0/8")};
    after.tls.certificates = {"renewed.pem"};
    after.tls.min_version = TlsVersion::tls_1_3;
    EXPECT_TRUE(begins_alike(before, after));
}

TEST(BeginsAlike, WhatIsJudgedOnceAConnectionDoes) {
    const ListenerConfig before = tls_listener();
    ListenerConfig plain = before;
    plain.tls.certificates.clear();
    EXPECT_FALSE(begins_alike(before, plain));
    EXPECT_FALSE(begins_alike(plain, before));
    ListenerConfig with_header = before;
    with_header.proxy_protocol = true;
    EXPECT_FALSE(begins_alike(before, with_header));
    ListenerConfig other_sender = with_header;
    other_sender.trusted_proxies = {*auth::parse_ip_range("10.0.0.0/8")};
    EXPECT_FALSE(begins_alike(with_header, other_sender));
    ListenerConfig asks = before;
    asks.tls.client_certificates = ClientCertificates::required;
    EXPECT_FALSE(begins_alike(before, asks));
    ListenerConfig other_authority = before;
    other_authority.tls.client_ca_file = "other.pem";
    EXPECT_FALSE(begins_alike(before, other_authority));
}

}  // namespace
}  // namespace kwikgate::gateway::net
