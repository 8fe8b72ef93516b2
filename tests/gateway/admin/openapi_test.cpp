#include "gateway/admin/openapi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>

#include "gateway/admin/api.hpp"

namespace kwikgate::gateway::admin {
namespace {

class OpenApiTest : public testing::Test {
  protected:
    OpenApiTest() : document_(parser_.parse(std::string(openapi_json())).value()) {}

    /// Calls `visit(method, path, operation)` for each operation of the document.
    template <class Visit>
    void each_operation(Visit&& visit) {
        const simdjson::dom::object paths = document_["paths"];
        for (const auto [path, methods] : paths) {
            const simdjson::dom::object object = methods;
            for (const auto [method, operation] : object)
                visit(std::string(method), std::string(path), operation);
        }
    }

    simdjson::dom::parser parser_;
    simdjson::dom::element document_;
};

TEST_F(OpenApiTest, HasTheOperationsThatAreServedWithTheirRoles) {
    std::set<std::string> documented;
    each_operation([&](std::string method, const std::string& path, simdjson::dom::element at) {
        for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
        documented.insert(method + " " + path + " " +
                          std::string(at["x-role"].get_string().value()));
    });
    std::set<std::string> served;
    for (const Operation& operation : operations())
        served.insert(std::string(operation.method) + " " + std::string(operation.path) + " " +
                      std::string(to_token(operation.role)));
    EXPECT_EQ(documented, served);
}

TEST_F(OpenApiTest, AsksForNoKeyExactlyWhereNobodyNeedsOne) {
    each_operation(
        [&](const std::string& method, const std::string& path, simdjson::dom::element at) {
            const bool is_open = at["x-role"].get_string().value() == "nobody";
            EXPECT_EQ(at["security"].error() == simdjson::SUCCESS, is_open) << method << path;
            EXPECT_EQ(at["responses"]["401"].error() == simdjson::SUCCESS,
                      !is_open || (path == "/api/v1/session" && method == "post"))
                << method << path;
        });
}

TEST_F(OpenApiTest, NamesEveryOperationOnceAndRefersToNothingThatIsNotThere) {
    std::set<std::string> names;
    each_operation([&](const std::string&, const std::string&, simdjson::dom::element at) {
        EXPECT_TRUE(names.insert(std::string(at["operationId"].get_string().value())).second);
    });
    const std::string text(openapi_json());
    const std::string mark = "\"$ref\": \"#";
    std::size_t found = 0;
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const std::size_t begin = at + mark.size();
        const std::string pointer = text.substr(begin, text.find('"', begin) - begin);
        EXPECT_EQ(document_.at_pointer(pointer).error(), simdjson::SUCCESS) << pointer;
        ++found;
    }
    EXPECT_GT(found, 50U);
}

}  // namespace
}  // namespace kwikgate::gateway::admin
