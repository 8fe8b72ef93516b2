#include "gateway/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/gateway/config/loading.hpp"

namespace kwikgate::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(LoadConfig, AcceptsTheMinimumAndFillsInDefaults) {
    const LoadedConfig loaded = load_text(kMinimal);
    ASSERT_THAT(lines(loaded), IsEmpty());
    EXPECT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.config.limits, LimitsConfig{});
    EXPECT_EQ(loaded.config.timeouts, TimeoutsConfig{});
    EXPECT_THAT(loaded.config.listeners, ElementsAre(ListenerConfig{}));
    ASSERT_EQ(loaded.config.routes.size(), 1U);
    EXPECT_EQ(loaded.config.file, "/etc/kwikgate/main.json");
}

TEST(LoadConfig, ReadsRoutesFilesAndPlacesTheirProblems) {
    const std::string main = minimal_plus(R"("routes_files":["sub/r.json","/abs/q.json"])");
    const LoadedConfig right =
        load_files({{"/etc/kwikgate/main.json", main},
                    {"/etc/kwikgate/sub/r.json",
                     R"({"$comment":"c","routes":[{"method":"GET","path":"/r"}]})"},
                    {"/abs/q.json", R"({"routes":[{"method":"GET","path":"/q"}]})"}});
    ASSERT_THAT(lines(right), IsEmpty());
    ASSERT_EQ(right.config.routes.size(), 3U);
    EXPECT_EQ(right.config.routes[1].path, "/r");
    EXPECT_EQ(right.config.routes[2].path, "/q");

    const LoadedConfig wrong =
        load_files({{"/etc/kwikgate/main.json", main},
                    {"/etc/kwikgate/sub/r.json",
                     "{\n\"routes\":[{\"method\":\"GET\",\"path\":\"/\"}],\"x\":1}"},
                    {"/abs/q.json", "{\"routes\":[}"}});
    EXPECT_THAT(
        lines(wrong),
        ElementsAre(
            "/etc/kwikgate/sub/r.json:2:34: /routes/0/path: another route has the method GET "
            "and this path (in /etc/kwikgate/main.json, line 1)",
            "/etc/kwikgate/sub/r.json:2:40: /x: unknown key \"x\"",
            "/abs/q.json:1:12: a value should stand here (a comma too many before it?)"));
}

TEST(LoadConfig, ChoosesAccessAndSchemesWhereARouteSaysNothing) {
    const LoadedConfig loaded = load_text(minimal_with(
        R"([{"method":"GET","path":"/"}])",
        R"([{"method":"GET","path":"/g"},{"method":"POST","path":"/p"},{"method":"HEAD","path":"/h"},
            {"method":"DELETE","path":"/d"},{"method":"POST","path":"/r","access":"read"},
            {"method":"GET","path":"/w","access":"write","schemes":["public_key"]}])"));
    ASSERT_THAT(lines(loaded), IsEmpty());
    using auth::Access;
    const Access expected[] = {Access::read,  Access::write, Access::read,
                               Access::write, Access::read,  Access::write};
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(loaded.config.routes[i].access, expected[i]) << i;
    const auth::SchemeSet usual = loaded.config.routes[0].schemes;
    EXPECT_TRUE(usual.contains(auth::Scheme::basic));
    EXPECT_TRUE(usual.contains(auth::Scheme::signature));
    EXPECT_FALSE(usual.contains(auth::Scheme::public_key));
    const auth::SchemeSet form = loaded.config.routes[5].schemes;
    EXPECT_FALSE(form.contains(auth::Scheme::basic));
    EXPECT_TRUE(form.contains(auth::Scheme::public_key));
}

TEST(LoadConfig, ReadsEveryFieldOfARoute) {
    const std::string route_text =
        R"("path":"/{x}/*","section":"reports","access":"write","upstream":"a",
           "environment":"live","body":"3MiB","check_json":true,"content_types":["a/b"],
           "response_timeout":"9s","inferred":true)";
    const std::string text = minimal_with(R"("path":"/")", route_text);
    const LoadedConfig loaded = load_text(R"({"sections":["reports"],)" + text.substr(1));
    ASSERT_THAT(lines(loaded), IsEmpty());
    const RouteConfig& route = loaded.config.routes.at(0);
    EXPECT_EQ(route.path, "/{x}/*");
    EXPECT_EQ(route.section, "reports");
    EXPECT_EQ(route.access, auth::Access::write);
    EXPECT_EQ(route.upstream, "a");
    EXPECT_EQ(route.environment, auth::Environment::live);
    EXPECT_EQ(route.body_bytes, std::size_t{3} << 20);
    EXPECT_TRUE(route.check_json);
    EXPECT_THAT(route.content_types, ElementsAre("a/b"));
    EXPECT_EQ(route.response_timeout, milliseconds(9000));
    EXPECT_TRUE(route.inferred);
}

TEST(LoadConfig, ResolvesPathsAgainstTheFilesFolder) {
    const LoadedConfig loaded = load_text(minimal_plus(
        R"("store":{"path":"../lib/store","master_key_file":"/keys/k"},"log":{"destination":"g.log"},
           "access_log":{"destination":"stderr"},"replay":{"state_file":"nonces"})"));
    ASSERT_THAT(lines(loaded), IsEmpty());
    EXPECT_EQ(loaded.config.store.path, "/etc/lib/store");
    EXPECT_EQ(loaded.config.store.master_key_file, "/keys/k");
    EXPECT_EQ(loaded.config.replay.state_file, "/etc/lib/store/nonces");
    EXPECT_EQ(loaded.config.log.destination, "/etc/kwikgate/g.log");
    EXPECT_EQ(loaded.config.access_log.destination, "stderr");
}

TEST(LoadConfig, ExpandsTheCredentialsDirectoryOnly) {
    const std::string text =
        minimal_plus(R"("store":{"master_key_file":"$CREDENTIALS_DIRECTORY/master.key"})");
    ASSERT_EQ(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
    EXPECT_THAT(lines(load_text(text)),
                ElementsAre(HasSubstr("CREDENTIALS_DIRECTORY is not set in the environment")));
    ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/kwikgate", 1), 0);
    EXPECT_EQ(load_text(text).config.store.master_key_file, "/run/credentials/kwikgate/master.key");
    ASSERT_EQ(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

TEST(LoadConfig, ComparesAuthoritiesInLowerCase) {
    const LoadedConfig loaded = load_text(minimal_with(
        "[{}]", R"([{"authorities":["API.Example.com"],"trusted_proxies":["10.0.0.0/8"]}])"));
    ASSERT_THAT(lines(loaded), IsEmpty());
    EXPECT_THAT(loaded.config.listeners[0].authorities, ElementsAre("api.example.com"));
    ASSERT_EQ(loaded.config.listeners[0].trusted_proxies.size(), 1U);
    EXPECT_EQ(loaded.config.listeners[0].trusted_proxies[0].prefix_bits, 104);
}

TEST(LoadConfig, KeepsUpstreamsInFileOrder) {
    const LoadedConfig loaded = load_text(minimal_with(
        R"({"a":)",
        R"({"z":{"servers":["https://h:2"],"credentials":"replace","credentials_file":"c"},"a":)"));
    ASSERT_THAT(lines(loaded), IsEmpty());
    ASSERT_EQ(loaded.config.upstreams.size(), 2U);
    EXPECT_EQ(loaded.config.upstreams[0].name, "z");
    EXPECT_EQ(loaded.config.upstreams[0].credentials, CredentialHandling::replace);
    EXPECT_EQ(loaded.config.upstreams[0].credentials_file, "/etc/kwikgate/c");
    EXPECT_EQ(loaded.config.upstreams[1].name, "a");
}

TEST(LoadConfig, ReadsFromDisk) {
    const std::string file = testing::TempDir() + "/kwikgate_load_test.json";
    std::ofstream(file) << kMinimal;
    const LoadedConfig loaded = load_config(file);
    EXPECT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.config.store.path, std::filesystem::path(file).parent_path() / "store");
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace kwikgate::gateway
