#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::auth {
namespace {

using BaseReport = SigningFixture;

TEST_F(BaseReport, DescribesTheBaseLineByLine) {
    OwnedRequest request;
    sign(request);
    EXPECT_EQ(authenticator_->describe_base(request.view()),
              "\"@method\": GET\n\"@target-uri\": https://api.example.com/2.0/customers/list\n"
              "\"@signature-params\": (\"@method\" \"@target-uri\");created=1800000000;keyid=\"" +
                  std::string(kKey) + "\";nonce=\"nonce-0001\";alg=\"hmac-sha256\";tag=\"kwik\"");
    request.set("X-A", "1");
    sign_as(request, "(\"@method\" \"x-a\")");
    request.remove("X-A");
    EXPECT_EQ(
        authenticator_->describe_base(request.view()),
        "\"@method\": GET\n# The signature covers \"x-a\", and the request as received has no such "
        "field");
    request.set("Signature-Input", "sig=(\"@method\";tr);created=1");
    EXPECT_EQ(authenticator_->describe_base(request.view()),
              "# The component \"@method\" is taken from a trailer (;tr)");
    request.set("Signature-Input", "nonsense(");
    EXPECT_EQ(authenticator_->describe_base(request.view()),
              "# Signature-Input cannot be read from byte 9 on, at \"(\"");
}

}  // namespace
}  // namespace kwikgate::auth
