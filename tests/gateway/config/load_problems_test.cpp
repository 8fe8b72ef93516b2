#include "gateway/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/config/loading.hpp"

namespace kwikgate::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct ProblemCase {
    std::string text;
    std::string line;  ///< Of the one problem.
};

TEST(LoadProblems, SaysWhatIsWrongAndWhere) {
    const std::string server = R"("servers":["http://127.0.0.1:1"])";
    const std::string route = R"("method":"GET","path":"/")";
    const ProblemCase cases[] = {
        {"", "1:1: the file is empty"},
        {"[]", "1:1: must be an object, not an array"},
        {"{\"workers\": 1,\n}",
         "2:1: a name between double quotes should stand here (a comma too many before it?)"},
        {"{\n// text\n}",
         "2:1: a name between double quotes should stand here (JSON has no comments)"},
        {minimal_plus(R"("worker":1)"),
         "1:2: /worker: unknown key \"worker\" (did you mean \"workers\"?)"},
        {minimal_plus(R"("a/b":1)"), "1:2: /a~1b: unknown key \"a/b\""},
        {minimal_plus(R"("workers":"1")"), "1:12: /workers: must be an integer, not a string"},
        {minimal_plus(R"("workers":-1)"), "1:12: /workers: is out of range: 0 to 1024"},
        {minimal_plus(R"("workers":18446744073709551615)"),
         "1:12: /workers: is out of range: 0 to 1024"},
        {minimal_plus(R"("workers":1,"workers":2)"),
         "1:14: /workers: \"workers\" stands twice in one object (first in line 1)"},
        {minimal_plus(R"("$schema":1)"), "1:12: /$schema: must be a string, not an integer"},
        {minimal_plus(R"("store":{"path":""})"), "1:18: /store/path: is empty"},
        {minimal_plus(R"("store":{"path":"$HOME/x"})"),
         "1:18: /store/path: may start with one variable only: $CREDENTIALS_DIRECTORY/"},
        {minimal_plus(R"("log":{"destination":"a\u0000b"})"),
         "1:23: /log/destination: holds a control character"},
        {minimal_plus(R"("log":{"level":"inof"})"),
         "1:17: /log/level: must be one of trace, debug, info, warn, error (did you mean "
         "\"info\"?)"},
        {minimal_plus(R"("timeouts":{"header":10})"),
         "1:23: /timeouts/header: must be a duration: a string of an integer and ms, s, m or h "
         "(such as \"500ms\" or \"30s\")"},
        {minimal_plus(R"("limits":{"held_body":"2MiB"})"),
         "1:24: /limits/held_body: \"held_body\" is more than \"body\" (held_body is 2MiB)"},
        {minimal_plus(R"("limits":{"body":"1KiB"})"),
         "1:11: /limits: \"held_body\" is more than \"body\" (held_body is 64KiB)"},
        {minimal_plus(R"("limits":{"header":"4KiB"})"),
         "1:11: /limits: \"request_line\" is more than \"header\", of which it is a part "
         "(request_line is 8KiB)"},
        {minimal_plus(R"("address_limit":{"exempt":["10.0.0.0/33"]})"),
         "1:29: /address_limit/exempt/0: is not an IP address or a CIDR block (such as "
         "\"192.0.2.7\" or \"10.0.0.0/8\")"},
        {minimal_plus(R"("address_limit":{"exempt":["10.0.0.1","::ffff:10.0.0.1"]})"),
         "1:40: /address_limit/exempt/1: stands in the list twice"},
        {minimal_plus(R"("replay":{"after_crash":"accpet"})"),
         "1:26: /replay/after_crash: must be one of refuse_writes, accept (did you mean "
         "\"accept\"?)"},
        {minimal_plus(R"("sections":["orders"])"),
         "1:14: /sections/0: \"orders\" is in the catalogue already (\"sections\" names additional "
         "ones only)"},
        {minimal_plus(R"("sections":["a","a"])"), "1:18: /sections/1: stands in the list twice"},
        {minimal_plus(R"("sections":["A"])"),
         "1:14: /sections/0: may hold lower-case letters, digits and '-' only"},
        // Listeners.
        {minimal_with("[{}]", "[]"), "1:14: /listeners: must hold 1 to 64 listeners"},
        {minimal_with("[{}]", "{}"), "1:14: /listeners: must be an array, not an object"},
        {minimal_with("[{}]", R"([{"address":"x"}])"),
         "1:26: /listeners/0/address: must end with ':' and a port, 0 to 65535"},
        {minimal_with("[{}]", R"([{},{"address":"[::1]:1"}])"),
         "1:18: /listeners/1: another listener has the name \"public\" (in line 1)"},
        {minimal_with("[{}]", R"([{},{"name":"b","address":"127.0.0.1:8080"}])"),
         "1:40: /listeners/1/address: another listener has the address \"127.0.0.1:8080\" (in line "
         "1)"},
        {minimal_with("[{}]", R"([{"address":"127.0.0.1:9180"}])"),
         "1:26: /listeners/0/address: the admin listener has the address \"127.0.0.1:9180\" (see "
         "admin.address)"},
        {minimal_with("[{}]", R"([{"scheme":"ws"}])"),
         "1:25: /listeners/0/scheme: must be one of http, https"},
        // Upstreams.
        {minimal_with(server, ""), "1:36: /upstreams/a: \"servers\" is missing"},
        {minimal_with(server, R"("servers":[])"),
         "1:47: /upstreams/a/servers: must name at least one server"},
        {minimal_with(server, R"("servers":["http://127.0.0.1"])"),
         "1:48: /upstreams/a/servers/0: must end with ':' and a port, 1 to 65535"},
        {minimal_with(server, server + R"(,"credentials":"replace")"),
         "1:36: /upstreams/a: \"credentials\" is replace, but \"credentials_file\" is missing"},
        {minimal_with(server, server + R"(,"credentials_file":"x")"),
         "1:36: /upstreams/a: \"credentials_file\" has a use only where \"credentials\" is "
         "replace"},
        {minimal_with(server, server + R"(,"max_connections":10)"),
         "1:36: /upstreams/a: \"max_idle_connections\" is more than \"max_connections\" (the "
         "default of max_idle_connections is 128)"},
        {minimal_with(server, server + R"(,"health":{"path":"x"})"),
         "1:87: /upstreams/a/health/path: must start with '/'"},
        {minimal_with(server, server + R"(,"health":{"path":"/","timeout":"6s"})"),
         "1:79: /upstreams/a/health: \"timeout\" is longer than \"interval\""},
        // Names that nothing has.
        {minimal_with(R"("live":"a")", R"("live":"b")"),
         "1:95: /environments/live: there is no upstream \"b\" (did you mean \"a\"?)"},
        {minimal_with(R"("live":"a")", R"("test":"a")"),
         "1:87: /environments: \"live\" is missing"},
        {minimal_with(R"("live":"a")", R"("live":"")"), "1:95: /environments/live: is empty"},
        // Routes.
        {minimal_with(route, R"("path":"/")"), "1:110: /routes/0: \"method\" is missing"},
        {minimal_with(route, R"("method":"TRACE","path":"/")"),
         "1:120: /routes/0/method: is CONNECT or TRACE, which are never taken (GET, POST, QUERY "
         "and "
         "so on)"},
        {minimal_with(route, R"("method":"get","path":"/")"),
         "1:120: /routes/0/method: is not GET: the case of a method's letters counts (GET, POST, "
         "QUERY and so on)"},
        {minimal_with(route, R"("method":"G ET","path":"/")"),
         "1:120: /routes/0/method: is no method: one has 1 to 32 letters, digits and a few signs "
         "(GET, POST, QUERY and so on)"},
        {minimal_with(route, R"("method":"GET","path":"/a//b")"),
         "1:133: /routes/0/path: holds an empty segment (a pattern is /literals/{params}/ and at "
         "most a last *)"},
        {minimal_with(route, route + R"(,"section":"paymets")"),
         "1:147: /routes/0/section: there is no section \"paymets\" (did you mean \"payments\"?)"},
        {minimal_with(route, route + R"(,"upstream":"z2")"),
         "1:148: /routes/0/upstream: there is no upstream \"z2\""},
        {minimal_with(route, route + R"(,"schemes":[])"),
         "1:147: /routes/0/schemes: must name at least one scheme (basic, signature, public_key)"},
        {minimal_with(route, route + R"(,"schemes":["basic","basic"])"),
         "1:156: /routes/0/schemes/1: stands in the list twice"},
        {minimal_with(route, route + R"(,"environment":"test")"),
         "1:110: /routes/0: the route is for test tokens, but \"environments\" names no upstream "
         "for them"},
        {minimal_with(route, route + R"(,"content_types":["JSON"])"),
         "1:154: /routes/0/content_types/0: must be a type, '/' and a subtype, such as "
         "\"application/json\""},
        {minimal_with(R"([{"method":"GET","path":"/"}])",
                      R"([{"method":"GET","path":"/{a}"},{"path":"/{b}","method":"GET"}])"),
         "1:149: /routes/1/path: another route has the method GET and this path (in line 1)"},
        {minimal_with(R"([{"method":"GET","path":"/"}])", "[]"),
         "1:1: there are no routes (name some in \"routes\" or \"routes_files\")"},
        {minimal_plus(R"("routes_files":["none.json"])"),
         "1:18: /routes_files/0: cannot be read: No such file or directory "
         "(/etc/kwikgate/none.json)"},
    };
    for (const ProblemCase& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_THAT(lines(load_text(c.text)), ElementsAre(c.line));
    }
}

TEST(LoadProblems, ReportsAllProblemsAtOnceInFileOrder) {
    const LoadedConfig loaded = load_text(R"({
  "environments": {"live": "gone"},
  "routes": [{"method": "POST", "path": "x"}, 7],
  "workers": 1.5,
  "upstreams": {"a b": {"servers": "http://127.0.0.1:1"}},
  "workers": 2,
  "extra": null
})");
    EXPECT_FALSE(loaded.ok());
    EXPECT_THAT(lines(loaded),
                ElementsAre(HasSubstr("1:1: \"listeners\" is missing"),
                            HasSubstr("2:28: /environments/live: there is no upstream"),
                            HasSubstr("3:41: /routes/0/path: does not start with '/'"),
                            HasSubstr("3:47: /routes/1: must be an object"),
                            HasSubstr("4:14: /workers: must be an integer"),
                            HasSubstr("5:17: /upstreams/a b: the name of an upstream"),
                            HasSubstr("5:36: /upstreams/a b/servers: must be an array"),
                            HasSubstr("6:3: /workers: \"workers\" stands twice"),
                            HasSubstr("7:3: /extra: unknown key")));
}

TEST(LoadProblems, SaysInOneLineWhatCannotBeRead) {
    EXPECT_THAT(load_files({}).problems.at(0).to_string(),
                "/etc/kwikgate/main.json: cannot be read: No such file or directory");
    const LoadedConfig folder = load_config(testing::TempDir());
    ASSERT_EQ(folder.problems.size(), 1U);
    EXPECT_THAT(folder.problems[0].to_string(), HasSubstr("cannot be read: Is a directory"));
    EXPECT_EQ(folder.problems[0].line, 0U);
    const LoadedConfig missing = load_config(testing::TempDir() + "/no/such/file.json");
    ASSERT_EQ(missing.problems.size(), 1U);
    EXPECT_THAT(missing.problems[0].message, HasSubstr("No such file or directory"));
}

TEST(LoadProblems, NeverRepeatsValuesThatMayBeSecrets) {
    const LoadedConfig loaded = load_text(
        R"({"upstreams":{"a":{"servers":["http://user:hunter2@h:1"],"password":"hunter2","host":"hunter2 x"}}})");
    EXPECT_GE(loaded.problems.size(), 3U);
    for (const ConfigProblem& problem : loaded.problems)
        EXPECT_EQ(problem.to_string().find("hunter2"), std::string::npos) << problem.to_string();
}

}  // namespace
}  // namespace kwikgate::gateway
