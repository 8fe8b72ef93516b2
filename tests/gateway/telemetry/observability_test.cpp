#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "auth/decision.hpp"
#include "gateway/telemetry/metric_catalogue.hpp"
#include "tests/support/files.hpp"

/// Holds docs/observability.md, configs/alerts.yml and configs/dashboard.json to the metrics, log
/// fields and reasons that there are.
namespace kwikgate::gateway {
namespace {

using tests::read_source;

std::vector<std::smatch> all(const std::string& text, const std::regex& pattern) {
    return {std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()};
}

std::string section_of(const std::string& manual, const std::string& heading) {
    const std::size_t begin = manual.find("\n## " + heading + "\n");
    EXPECT_NE(begin, std::string::npos) << heading;
    return manual.substr(begin, manual.find("\n## ", begin + 1) - begin);
}

std::set<std::string> words(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::set<std::string> out;
    for (std::string word; in >> word;) out.insert(word);
    return out;
}

std::string_view kind_name(MetricKind kind) {
    if (kind == MetricKind::counter) return "counter";
    return kind == MetricKind::gauge ? "gauge" : "histogram";
}

TEST(ObservabilityManual, HasEveryMetricWithKindLabelsAndMeaning) {
    const std::string manual = section_of(read_source("docs/observability.md"), "Metrics");
    const std::regex row(R"re(\| `([a-z_]+)` \| ([a-z]+) \| ([^|]*) \| ([^|\n]+) \|)re");
    std::set<std::string> told;
    for (const std::smatch& cells : all(manual, row)) told.insert(cells.str());
    std::set<std::string> expected;
    for (const MetricInfo& info : metric_catalogue()) {
        std::string labels;
        std::istringstream names{std::string(info.labels)};
        for (std::string name; names >> name;) labels += (labels.empty() ? "`" : " `") + name + "`";
        expected.insert("| `" + std::string(info.name) + "` | " +
                        std::string(kind_name(info.kind)) + " | " + labels + " | " +
                        std::string(info.help) + " |");
    }
    EXPECT_EQ(told, expected);
}

TEST(ObservabilityManual, HasEveryReason) {
    const std::string manual = section_of(read_source("docs/observability.md"), "Reasons");
    std::multiset<std::string> told;
    std::istringstream lines(manual);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("| ")) continue;
        const std::size_t second = line.find('|', 2);
        const std::string cell = line.substr(second, line.find('|', second + 1) - second);
        for (const std::smatch& name : all(cell, std::regex("`([a-z_]+)`"))) told.insert(name[1]);
    }
    told.erase("reason");
    std::multiset<std::string> expected;
    for (const auth::ReasonRow& row : auth::reason_table())
        if (row.reason != auth::Reason::none) expected.emplace(row.token);
    EXPECT_EQ(told, expected);
}

TEST(ObservabilityManual, HasEveryFieldOfTheAccessLogInItsOrder) {
    const std::string manual = section_of(read_source("docs/observability.md"), "The access log");
    std::vector<std::string> told;
    for (const std::smatch& row : all(manual, std::regex(R"re(\n\| `([a-z_]+)` \|)re")))
        told.push_back(row[1]);
    std::vector<std::string> written;
    const std::string source = read_source("gateway/telemetry/access_log.cpp");
    const std::regex field(R"re(line\.(?:text|word|number|boolean)\("([a-z_]+)")re");
    for (const std::smatch& call : all(source, field))
        if (std::find(written.begin(), written.end(), call[1]) == written.end())
            written.push_back(call[1]);
    // What a line of its own says instead.
    EXPECT_THAT(written, testing::Contains("access_log_lines_lost"));
    EXPECT_THAT(manual, testing::HasSubstr("`access_log_lines_lost`"));
    std::erase(written, "access_log_lines_lost");
    std::sort(told.begin(), told.end());
    std::sort(written.begin(), written.end());
    EXPECT_EQ(told, written);
}

/// Checks the metrics of PromQL text: each exists, in the form its kind has, with labels it has.
class QueryCheck {
  public:
    QueryCheck() {
        for (const MetricInfo& info : metric_catalogue()) metrics_.emplace(info.name, info);
    }

    void run(const std::string& text) {
        const std::regex use(R"re(\b((?:kwikgate|process)_[a-z_]+)\b(\{[^}]*\})?)re");
        for (const std::smatch& match : all(text, use)) check(match[1], match[2]);
    }
    std::size_t uses() const { return uses_; }
    const std::set<std::string>& used() const { return used_; }

  private:
    void check(const std::string& name, const std::string& selector) {
        SCOPED_TRACE(name + selector);
        ++uses_;
        std::string base = name;
        for (const char* suffix : {"_bucket", "_sum", "_count"})
            if (name.ends_with(suffix) && !metrics_.contains(name))
                base = name.substr(0, name.size() - std::string(suffix).size());
        const auto found = metrics_.find(base);
        ASSERT_NE(found, metrics_.end()) << "no such metric";
        ASSERT_EQ(base != name, found->second.kind == MetricKind::histogram);
        used_.insert(base);
        const std::set<std::string> labels = words(found->second.labels);
        const std::regex matcher(R"re(([a-z_]+)(=~|!~|!=|=)"([^"]*)")re");
        for (const std::smatch& part : all(selector, matcher)) {
            const std::string label = part[1];
            if (label == "instance" || label == "job") continue;
            EXPECT_TRUE(labels.contains(label)) << label;
            if (label == "reason") check_reasons(part[3]);
        }
    }

    static void check_reasons(const std::string& pattern) {
        std::istringstream names(pattern);
        for (std::string name; std::getline(names, name, '|');)
            EXPECT_TRUE(auth::reason_from_token(name)) << name;
    }

    std::map<std::string, MetricInfo, std::less<>> metrics_;
    std::set<std::string> used_;
    std::size_t uses_ = 0;
};

TEST(AlertRules, UseOnlyMetricsLabelsAndReasonsThatExist) {
    QueryCheck check;
    check.run(read_source("configs/alerts.yml"));
    EXPECT_GT(check.uses(), 25U);
}

TEST(AlertRules, EachHasAnExpressionASeverityAndSaysWhatToDo) {
    const std::string text = read_source("configs/alerts.yml");
    const std::size_t rules =
        all(text, std::regex(R"re(\n      - alert: Kwikgate[A-Za-z]+\n)re")).size();
    EXPECT_GT(rules, 12U);
    for (const char* line : {"        expr: ", "        labels: \\{severity: (?:page|ticket)\\}\n",
                             "          summary: \"[^\n]+\"\n", "          action: \"[^\n]+\"\n"})
        EXPECT_EQ(all(text, std::regex("\n" + std::string(line))).size(), rules) << line;
}

TEST(Dashboard, UsesOnlyMetricsLabelsAndReasonsThatExist) {
    simdjson::dom::parser parser;
    const std::string text = read_source("configs/dashboard.json");
    const simdjson::dom::element dashboard = parser.parse(text);
    QueryCheck check;
    std::set<std::int64_t> ids;
    const simdjson::dom::array panels = dashboard["panels"];
    for (const simdjson::dom::element panel : panels) {
        EXPECT_TRUE(ids.insert(panel["id"].get_int64().value()).second);
        simdjson::dom::array targets;
        if (panel["targets"].get(targets) != simdjson::SUCCESS) continue;
        for (const simdjson::dom::element target : targets)
            check.run(std::string(target["expr"].get_string().value()));
    }
    check.run(text.substr(text.find("\"templating\""),
                          text.find("\"panels\"") - text.find("\"templating\"")));
    EXPECT_GT(check.uses(), 50U);
    // What is worth counting is worth showing.
    for (const MetricInfo& info : metric_catalogue()) {
        const std::set<std::string> elsewhere = {"kwikgate_draining",
                                                 "kwikgate_store_up",
                                                 "kwikgate_store_used_bytes",
                                                 "kwikgate_store_map_bytes",
                                                 "kwikgate_last_reload_taken",
                                                 "kwikgate_configuration_loaded_timestamp_seconds",
                                                 "kwikgate_server_connections",
                                                 "process_start_time_seconds",
                                                 "kwikgate_proxy_headers_refused_total"};
        const std::string name(info.name);
        EXPECT_NE(check.used().contains(name), elsewhere.contains(name)) << name;
    }
}

}  // namespace
}  // namespace kwikgate::gateway
