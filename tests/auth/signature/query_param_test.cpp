#include "tests/auth/signature/base_building.hpp"

namespace kwikgate::auth {
namespace {

TEST(QueryParam, EncodesQueryParametersAsTheRfcDoes) {
    struct Row {
        std::string target, component, value;
    };
    const Row rows[] = {
        {"/path?param=value&foo=bar&baz=batman&qux=", "\"@query-param\";name=\"baz\"", "batman"},
        {"/path?param=value&foo=bar&baz=batman&qux=", "\"@query-param\";name=\"qux\"", ""},
        {"/path?param=value&foo=bar&baz=batman&qux", "\"@query-param\";name=\"qux\"", ""},
        {"/p?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%"
         "3A%20="
         "something",
         "\"@query-param\";name=\"var\"", "this%20is%20a%20big%0Amultiline%20value"},
        {"/p?bar=with+plus+whitespace", "\"@query-param\";name=\"bar\"",
         "with%20plus%20whitespace"},
        {"/p?fa%C3%A7ade%22%3A%20=something", "\"@query-param\";name=\"fa%C3%A7ade%22%3A%20\"",
         "something"},
        {"/p?a=~!*()'", "\"@query-param\";name=\"a\"", "%7E%21*%28%29%27"},
        {"/p?%61=1", "\"@query-param\";name=\"a\"", "1"},
        {"/p?a=b=c", "\"@query-param\";name=\"a\"", "b%3Dc"},
        {"/p?a=1&a=2", "\"@query-param\";name=\"a\"", "(none)"},
        {"/p?a=1&%61=2", "\"@query-param\";name=\"a\"", "(none)"},
        {"/p?a=1", "\"@query-param\";name=\"b\"", "(none)"},
        {"/p?a=1", "\"@query-param\";name=\"aa\"", "(none)"},
        // What is no escape stands for itself (the URL standard, 4.4).
        {"/p?a=100%", "\"@query-param\";name=\"a\"", "100%25"},
        {"/p?a=%zz%4", "\"@query-param\";name=\"a\"", "%25zz%254"},
        {"/p?a=C:\\temp", "\"@query-param\";name=\"a\"", "C%3A%5Ctemp"},
        {"/p?a=\xc3\xa9", "\"@query-param\";name=\"a\"", "%C3%A9"},
        {"/p?a=\xc3\xa9", "\"@query\"", "?a=\xc3\xa9"},
        {"/p?a=%ff", "\"@query-param\";name=\"a\"", "(none)"},
        {"/p", "\"@query-param\";name=\"\"", "(none)"},
        {"/p?=1", "\"@query-param\";name=\"\"", "1"},
    };
    for (const Row& row : rows) {
        OwnedRequest request;
        request.target = row.target;
        EXPECT_EQ(value_of(request, row.component), row.value) << row.target << row.component;
    }
}

}  // namespace
}  // namespace kwikgate::auth
