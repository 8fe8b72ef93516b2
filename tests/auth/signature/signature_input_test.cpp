#include "tests/auth/signature/base_building.hpp"

namespace kwikgate::auth {
namespace {

TEST(SignatureInputTest, RefusesComponentsThatCannotBeSigned) {
    struct Row {
        std::string components;
        InputFault fault;
    };
    const Row rows[] = {
        {"\"@status\"", InputFault::unknown_component},
        {"\"@signature-params\"", InputFault::unknown_component},
        {"\"@request-response\"", InputFault::unknown_component},
        {"\"@unknown\"", InputFault::unknown_component},
        {"\"@\"", InputFault::unknown_component},
        {"\"@Method\"", InputFault::unknown_component},
        {"\"Date\"", InputFault::bad_component_name},
        {"\"\"", InputFault::bad_component_name},
        {"\"a b\"", InputFault::bad_component_name},
        {"\"date:\"", InputFault::bad_component_name},
        {"\"date\";tr", InputFault::trailer_component},
        {"\"date\";req", InputFault::request_component},
        {"\"@method\";req", InputFault::request_component},
        {"\"@method\";tr", InputFault::trailer_component},
        {"\"date\";unknown", InputFault::bad_parameter},
        {"\"date\";sf=?0", InputFault::bad_parameter},
        {"\"date\";sf=1", InputFault::bad_parameter},
        {"\"date\";sf;sf", InputFault::bad_parameter},
        {"\"date\";key", InputFault::bad_parameter},
        {"\"date\";key=a", InputFault::bad_parameter},
        {"\"date\";key=\"a\";key=\"b\"", InputFault::bad_parameter},
        {"\"date\";sf;bs", InputFault::bad_parameter},
        {"\"date\";bs;key=\"a\"", InputFault::bad_parameter},
        {"\"date\";name=\"a\"", InputFault::bad_parameter},
        {"\"@method\";sf", InputFault::bad_parameter},
        {"\"@query\";name=\"a\"", InputFault::bad_parameter},
        {"\"@query-param\"", InputFault::bad_parameter},
        {"\"@query-param\";name", InputFault::bad_parameter},
        {"\"@query-param\";name=\"a\";name=\"b\"", InputFault::bad_parameter},
        {"\"date\" \"date\"", InputFault::duplicate_component},
        {"\"@method\" \"@method\"", InputFault::duplicate_component},
        {"\"a\";key=\"x\";sf \"b\" \"a\";sf;key=\"x\"", InputFault::duplicate_component},
        {"\"@query-param\";name=\"a\" \"@query-param\";name=\"a\"",
         InputFault::duplicate_component},
        {"\"date\" \"date\";bs", InputFault::none},
        {"\"a\";key=\"x\" \"a\";key=\"y\"", InputFault::none},
    };
    OwnedRequest request = request_with({{"Date", "x"}, {"a", "x=1, y=2"}, {"b", "1"}});
    for (const Row& row : rows)
        EXPECT_EQ(build(request, "sig=(" + row.components + ")").input_fault, row.fault)
            << row.components;
}

TEST(SignatureInputTest, RefusesSignatureParametersItDoesNotKnow) {
    struct Row {
        const char* parameters;
        InputFault fault;
    };
    constexpr InputFault kMistyped = InputFault::mistyped_signature_parameter;
    constexpr InputFault kRepeated = InputFault::repeated_signature_parameter;
    OwnedRequest request;
    for (const Row& row :
         {Row{";x", InputFault::unknown_signature_parameter}, Row{";created", kMistyped},
          Row{";created=\"1\"", kMistyped}, Row{";created=1.0", kMistyped},
          Row{";created=@1", kMistyped}, Row{";keyid=a", kMistyped}, Row{";keyid=1", kMistyped},
          Row{";nonce=1", kMistyped}, Row{";alg=hmac-sha256", kMistyped},
          Row{";tag=kwik", kMistyped}, Row{";expires=\"1\"", kMistyped},
          Row{";created=1;created=1", kRepeated}, Row{";keyid=\"a\";keyid=\"b\"", kRepeated}}) {
        const Built built = build(request, std::string("sig=(\"@method\")") + row.parameters);
        EXPECT_TRUE(built.is_read) << row.parameters;
        EXPECT_EQ(built.input_fault, row.fault) << row.parameters;
    }
    EXPECT_FALSE(build(request, "sig=(\"@method\");Created=1").is_read);
}

}  // namespace
}  // namespace kwikgate::auth
